package catalog

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/geo"
	"github.com/tangent-dsp/tangent/openrtb"
)

// compile fills the rules; sizes are the creatives'. The order of free is
// that of the reasons' table.
func (r *rules) compile(t *campaign.Targeting, b *book) error {
	var err error
	take := func(e error) {
		if err == nil {
			err = e
		}
	}
	x := new(rareRules)
	r.rare = x
	var e error
	r.scope, e = b.scopeOf(t)
	take(e)
	x.notExchanges = sorted(t.Exchanges.Exclude)
	x.notCountries, e = countryCodes(t.Countries.Exclude)
	take(e)
	x.notDeviceTypes, e = deviceBits(t.DeviceTypes.Exclude)
	take(e)
	r.places, e = b.placesOf(t)
	take(e)

	texts(r, facetDeal, t.Deals, exactValue)
	for _, id := range t.Deals.Include {
		x.deals = append(x.deals, exactValue(id))
	}
	x.deals, x.anyDeal = newValues(x.deals), t.AnyDeal
	texts(r, facetSeat, t.Seats, textValue)
	texts(r, facetRegion, t.Regions, func(s ...string) uint64 { code, _ := geo.ParseRegion(s[0]); return regionValue(code) })
	texts(r, facetCity, t.Cities, textValue)
	texts(r, facetZip, t.Zips, func(s ...string) uint64 {
		country, zip, _ := strings.Cut(s[0], "-")
		return zipValue(country, zip)
	})
	numbers(r, facetMetro, t.Metros)
	take(r.compileAreas(t.Areas))
	texts(r, facetMake, t.Makes, textValue)
	texts(r, facetModel, t.Models, textValue)
	r.compileSoftware(facetOS, t.OSs, openrtb.OSNames())
	r.compileSoftware(facetBrowser, t.Browsers, openrtb.BrowserNames())
	texts(r, facetLanguage, t.Languages, textValue)
	texts(r, facetCarrier, t.Carriers, textValue)
	numbers(r, facetConnection, t.Connections)
	take(r.compileAddresses(t.IPRanges))
	texts(r, facetPublisher, t.Publishers, exactValue)
	texts(r, facetPlacement, t.Placements, exactValue)
	if t.AuthorisedOnly {
		r.add(authorisedRule{})
	}
	r.compileContent(t)
	r.compileImp(t)
	if len(t.UserDayparts) > 0 {
		countryZones() // reads files: not in a request
		r.add(&hoursRule{hoursOf(t.UserDayparts)})
	}
	if t.Ages != (campaign.Range{}) {
		r.add(&ageRule{t.Ages})
	}
	texts(r, facetGender, t.Genders, textValue)
	segments(r, facetUserData, t.UserData)
	r.compileKeywords(t.UserKeywords, true)

	r.segments, x.notSegments = sorted(t.Segments.Include), sorted(t.Segments.Exclude)
	x.expression = t.SegmentRule
	if !t.Recency.IsZero() {
		x.recency = &recencyRule{t.Recency.Include, t.Recency.Exclude}
	}
	x.free = slices.Clip(x.free)
	if x.empty() {
		r.rare = &noRules
	}
	return err
}

// add adds a rule that needs no user.
func (r *rules) add(x rule) {
	if r.rare == &noRules { // which all share
		r.rare = new(rareRules)
	}
	r.rare.free = append(r.rare.free, x)
}

func (x *rareRules) empty() bool {
	return len(x.free)+len(x.notExchanges)+len(x.notCountries)+len(x.notSegments)+len(x.deals) == 0 &&
		x.notDeviceTypes == 0 && !x.anyDeal && x.expression == nil && x.recency == nil
}

func (r *rules) compileContent(t *campaign.Targeting) {
	texts(r, facetCategory, t.Categories, textValue)
	texts(r, facetGenre, t.Genres, textValue)
	texts(r, facetContentLanguage, t.ContentLangs, textValue)
	texts(r, facetContentRating, t.ContentRatings, textValue)
	flag(r, facetLivestream, t.Livestream)
	if t.ContentLength != (campaign.Range{}) {
		r.add(&lengthRule{t.ContentLength})
	}
	segments(r, facetContentData, t.ContentData)
	r.compileKeywords(t.Keywords, false)
}

func (r *rules) compileKeywords(l campaign.List[string], ofUser bool) {
	if l.IsZero() {
		return
	}
	x := &keywordRule{ofUser: ofUser}
	for _, s := range l.Include {
		x.take = append(x.take, phraseValue(s))
	}
	for _, s := range l.Exclude {
		x.skip = append(x.skip, phraseValue(s))
	}
	r.add(x)
}

func (r *rules) compileImp(t *campaign.Targeting) {
	numbers(r, facetPosition, t.Positions)
	if t.MinViewability > 0 {
		r.add(&viewabilityRule{float64(t.MinViewability)})
	}
	if f := t.Formats; !f.IsZero() {
		numbers(r, facetFormat, campaign.List[int]{Include: formatNumbers(f.Include), Exclude: formatNumbers(f.Exclude)})
	}
	numbers(r, facetVideoPlacement, t.VideoPlacements)
	r.addFacet(facetRoll, rollValues(t.Rolls.Include), rollValues(t.Rolls.Exclude))
	numbers(r, facetPlayback, t.PlaybackMethods)
	numbers(r, facetNativeContext, t.NativeContexts)
	numbers(r, facetNativePlacement, t.NativePlacements)
	flag(r, facetSkippable, t.Skippable)
	flag(r, facetRewarded, t.Rewarded)
}

// formatOrder is how facetFormat numbers formats.
var formatOrder = []campaign.Format{campaign.FormatBanner, campaign.FormatVideo, campaign.FormatNative, campaign.FormatAudio}

func formatNumbers(all []campaign.Format) (n []int) {
	for _, f := range all {
		n = append(n, slices.Index(formatOrder, f))
	}
	return n
}

// rollOrder is how facetRoll numbers rolls.
var rollOrder = []campaign.Roll{campaign.PreRoll, campaign.MidRoll, campaign.PostRoll}

func rollValues(all []campaign.Roll) (v []uint64) {
	for _, r := range all {
		v = append(v, uint64(slices.Index(rollOrder, r)))
	}
	return v
}

func (r *rules) compileAreas(l campaign.List[campaign.Area]) (err error) {
	if l.IsZero() {
		return nil
	}
	circles := func(all []campaign.Area) *geo.Circles {
		if len(all) == 0 || err != nil {
			return nil
		}
		var list []geo.Circle
		for _, a := range all {
			list = append(list, geo.Circle{Lat: a.Lat, Lon: a.Lon, Metres: a.RadiusKM * 1000})
		}
		var c *geo.Circles
		c, err = geo.NewCircles(list)
		return c
	}
	r.add(&areaRule{circles(l.Include), circles(l.Exclude)})
	return err
}

func (r *rules) compileAddresses(l campaign.List[string]) (err error) {
	if l.IsZero() {
		return nil
	}
	ranges := func(all []string) *geo.Ranges {
		if len(all) == 0 || err != nil {
			return nil
		}
		list := make([]netip.Prefix, len(all))
		for i, s := range all {
			if list[i], err = geo.ParseRange(s); err != nil {
				return nil
			}
		}
		var x *geo.Ranges
		x, err = geo.NewRanges(list)
		return x
	}
	r.add(&addressRule{ranges(l.Include), ranges(l.Exclude)})
	return err
}

func (r *rules) compileSoftware(f facet, l campaign.List[campaign.Software], names []string) {
	if l.IsZero() {
		return
	}
	ranges := func(all []campaign.Software) (to []softwareRange) {
		for _, s := range all {
			least, most := s.Versions()
			to = append(to, softwareRange{uint64(slices.Index(names, s.Name) + 1), least, most, s.MinVersion != "" || s.MaxVersion != ""})
		}
		return to
	}
	r.add(&softwareRule{f, ranges(l.Include), ranges(l.Exclude)})
}

// texts adds rules for a facet of texts.
func texts(r *rules, f facet, l campaign.List[string], value func(...string) uint64) {
	hashes := func(all []string) (v []uint64) {
		for _, s := range all {
			v = append(v, value(s))
		}
		return v
	}
	r.addFacet(f, hashes(l.Include), hashes(l.Exclude))
}

// numbers adds rules for a facet of numbers.
func numbers(r *rules, f facet, l campaign.List[int]) {
	plain := func(all []int) (v []uint64) {
		for _, n := range all {
			v = append(v, uint64(n))
		}
		return v
	}
	r.addFacet(f, plain(l.Include), plain(l.Exclude))
}

// segments adds rules for a facet of data providers' segments.
func segments(r *rules, f facet, l campaign.List[campaign.DataSegment]) {
	hashes := func(all []campaign.DataSegment) (v []uint64) {
		for i := range all {
			v = append(v, configuredSegment(&all[i]))
		}
		return v
	}
	r.addFacet(f, hashes(l.Include), hashes(l.Exclude))
}

func flag(r *rules, f facet, want *bool) {
	if want != nil {
		r.addFacet(f, []uint64{truth(*want)}, nil)
	}
}

func (r *rules) addFacet(f facet, take, skip []uint64) {
	if len(take) > 0 {
		r.add(&facetIn{f, newValues(take)})
	}
	if len(skip) > 0 {
		r.add(&facetNotIn{f, newValues(skip)})
	}
}

func deviceBits(types []int) (bits uint64, err error) {
	for _, d := range types {
		bit := deviceBit(d)
		if bit == 0 {
			return 0, fmt.Errorf("no device type %d", d)
		}
		bits |= bit
	}
	return bits, nil
}

func countryCodes(names []string) ([]countryCode, error) {
	var codes []countryCode
	for _, n := range names {
		if len(n) != 3 {
			return nil, fmt.Errorf("no country %q", n)
		}
		codes = append(codes, codeOf([3]byte([]byte(strings.ToUpper(n)))))
	}
	return sorted(codes), nil
}

// sorted returns the values ascending, each once; nil when there are none.
func sorted[T event.ExchangeID | event.SegmentID | countryCode](values []T) []T {
	if len(values) == 0 {
		return nil
	}
	s := slices.Clone(values)
	slices.Sort(s)
	return slices.Clip(slices.Compact(s))
}

func hoursOf(parts []campaign.Daypart) *weekHours {
	hours := new(weekHours)
	for _, p := range parts {
		for _, d := range p.Days {
			if d < time.Sunday || d > time.Saturday {
				continue
			}
			for h := max(p.From, 0); h < min(p.To, 24); h++ {
				at := int(d)*24 + h
				hours[at/64] |= 1 << (at % 64)
			}
		}
	}
	return hours
}

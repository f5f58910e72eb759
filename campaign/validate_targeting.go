package campaign

import (
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/geo"
	"github.com/tangent-dsp/tangent/openrtb"
)

const (
	wantDomain  = "must be a bare domain in lower case such as example.com, in punycode if it is not ASCII"
	wantBundle  = "must be an app bundle of 1 to 255 ASCII characters without spaces"
	wantID      = "must be an id, above 0"
	wantToken   = "must be 1 to 255 printable characters in UTF-8, without spaces around them"
	wantKeyword = "must be one to four words of letters and digits, at most 100 bytes"
	wantPlace   = "must be a country and what is in it, such as "
)

func (c check) targeting(t *Targeting) {
	list(c.in("exchanges"), t.Exchanges, MaxExchanges, func(id event.ExchangeID) bool { return id > 0 }, wantID)
	c.tokens("deals", t.Deals)
	c.want(!t.AnyDeal || len(t.Deals.Include) == 0, "any_deal", "says nothing beside deals that are included")
	c.tokens("seats", t.Seats)
	c.tokens("publishers", t.Publishers)
	list(c.in("sites"), t.Sites, MaxSites, isDomain, wantDomain)
	list(c.in("apps"), t.Apps, MaxApps, isBundle, wantBundle)
	list(c.in("inventory_lists"), t.InventoryLists, MaxInventoryLists, func(id InventoryListID) bool { return id > 0 }, wantID)
	c.tokens("placements", t.Placements)
	c.targetContent(t)
	c.targetImp(t)
	c.targetPlace(t)
	c.targetDevice(t)
	c.targetUser(t)
}

func (c check) targetContent(t *Targeting) {
	list(c.in("categories"), t.Categories, MaxTokens, isAnyCategory,
		"must be an IAB Content Taxonomy 1.0 category such as IAB3-1, or taxonomy and code such as 6:150")
	c.tokens("genres", t.Genres)
	list(c.in("content_languages"), t.ContentLangs, MaxTokens, isLanguage, wantLanguage)
	c.tokens("content_ratings", t.ContentRatings)
	c.intRange("content_length", t.ContentLength, MaxContentLength)
	list(c.in("keywords"), t.Keywords, MaxKeywords, isKeyword, wantKeyword)
	c.dataSegments("content_data", t.ContentData)
}

func (c check) targetImp(t *Targeting) {
	list(c.in("positions"), t.Positions, 20, within(0, 20), "must be 0 to 20, of OpenRTB's list Placement Positions")
	list(c.in("video_placements"), t.VideoPlacements, 4, within(1, 4), "must be 1 to 4, of OpenRTB's list Plcmt Subtypes - Video")
	list(c.in("rolls"), t.Rolls, 3, func(r Roll) bool { return r == PreRoll || r == MidRoll || r == PostRoll }, "must be pre, mid or post")
	list(c.in("playback_methods"), t.PlaybackMethods, 7, within(1, 7), "must be 1 to 7, of OpenRTB's list Playback Methods")
	list(c.in("native_contexts"), t.NativeContexts, 3, within(1, 3), "must be 1 content, 2 social or 3 product")
	list(c.in("native_placements"), t.NativePlacements, 4, within(1, 4), "must be 1 to 4, of the list of native placement types")
	c.want(t.MinViewability >= 0 && t.MinViewability <= 100, "min_viewability", "must be a percentage, 1 to 100")
	list(c.in("formats"), t.Formats, 4, isFormat, "must be banner, video, native or audio")
	if c.count("sizes.include", len(t.Sizes.Include), 0, MaxSizes) && c.count("sizes.exclude", len(t.Sizes.Exclude), 0, MaxSizes) {
		for i, s := range t.Sizes.Include {
			c.in("sizes.include").at(i).size(s)
		}
		for i, s := range t.Sizes.Exclude {
			c.in("sizes.exclude").at(i).size(s)
		}
	}
}

func (c check) targetPlace(t *Targeting) {
	list(c.in("countries"), t.Countries, MaxCountries, isCountry, "must be an ISO 3166-1 alpha-3 code in upper case such as DEU")
	list(c.in("regions"), t.Regions, MaxTokens, isRegion, "must be a code of ISO 3166-2 in upper case such as US-CA")
	list(c.in("cities"), t.Cities, MaxTokens, isInCountry, wantPlace+"DEU-Berlin")
	list(c.in("zips"), t.Zips, MaxTokens, isInCountry, wantPlace+"USA-94105")
	list(c.in("metros"), t.Metros, MaxTokens, within(1, 9999), "must be a market area of Nielsen, 1 to 9999")
	list(c.in("areas"), t.Areas, MaxAreas, isArea, "must have lat -90 to 90, lon -180 to 180, and radius_km 0.1 to 5000")
	list(c.in("ip_ranges"), t.IPRanges, MaxIPRanges, isPrefix, "must be a range of addresses such as 203.0.113.0/24 or 2001:db8::/32")
}

func (c check) targetDevice(t *Targeting) {
	list(c.in("device_types"), t.DeviceTypes, 8, within(1, 8), "must be 1 to 8, of OpenRTB's list Device Types")
	c.tokens("makes", t.Makes)
	c.tokens("models", t.Models)
	const want = " that is told apart, and versions such as 14 or 14.5.1, the first not above the last"
	list(c.in("operating_systems"), t.OSs, MaxSoftware, isSoftware(openrtb.OSNames()), "must have the name of an operating system"+want)
	list(c.in("browsers"), t.Browsers, MaxSoftware, isSoftware(openrtb.BrowserNames()), "must have the name of a browser"+want)
	c.tokens("carriers", t.Carriers)
	list(c.in("connection_types"), t.Connections, 8, within(0, 7), "must be 0 to 7, of OpenRTB's list Connection Types")
	list(c.in("languages"), t.Languages, MaxTokens, isLanguage, wantLanguage)
}

func (c check) targetUser(t *Targeting) {
	list(c.in("segments"), t.Segments, MaxSegments, func(id event.SegmentID) bool { return id > 0 }, wantID)
	if t.SegmentRule != nil {
		left := MaxRuleSize
		c.in("segment_rule").segmentRule(t.SegmentRule, 1, &left)
	}
	c.intRange("ages", t.Ages, 120)
	list(c.in("genders"), t.Genders, 3, func(s string) bool { return s == "M" || s == "F" || s == "O" }, "must be M, F or O")
	list(c.in("user_keywords"), t.UserKeywords, MaxKeywords, isKeyword, wantKeyword)
	c.dataSegments("user_data", t.UserData)
	c.dayparts("dayparts", t.Dayparts)
	c.dayparts("user_dayparts", t.UserDayparts)
	list(c.in("recency"), t.Recency, MaxRecency, isRecency, "must have did (impression, click or conversion), "+
		"level (line_item, campaign or advertiser), and within_seconds 1 to "+maxCapSeconds+" of impressions, "+maxRecencySeconds+" of clicks and conversions")
}

// segmentRule walks an expression. left is how many more terms it may have.
func (c check) segmentRule(r *SegmentRule, depth int, left *int) {
	if *left--; *left < 0 || depth > MaxRuleDepth {
		if *left == -1 || depth > MaxRuleDepth {
			c.want(false, "", "must have at most %d terms, nested at most %d deep", MaxRuleSize, MaxRuleDepth)
		}
		return
	}
	given := 0
	for _, is := range []bool{r.Segment != 0, len(r.All) > 0, len(r.Any) > 0, r.Not != nil} {
		if is {
			given++
		}
	}
	c.want(given == 1, "", "must have one of segment, all, any and not")
	c.want(r.WithinHours >= 0 && r.WithinHours <= MaxWithinHours && (r.WithinHours == 0 || r.Segment != 0), "within_hours",
		"must be 1 to %d, beside segment", MaxWithinHours)
	for i := range r.All {
		c.in("all").at(i).segmentRule(&r.All[i], depth+1, left)
	}
	for i := range r.Any {
		c.in("any").at(i).segmentRule(&r.Any[i], depth+1, left)
	}
	if r.Not != nil {
		c.in("not").segmentRule(r.Not, depth+1, left)
	}
}

func (c check) modifiers(all []Modifier) {
	c = c.in("bid_modifiers")
	if !c.count("", len(all), 0, MaxModifiers) {
		return
	}
	for i := range all {
		m := &all[i]
		c.at(i).want(m.Factor >= MinFactor && m.Factor <= MaxFactor, "factor", "must be %v to %v", MinFactor, MaxFactor)
		c.at(i).want(!m.When.IsZero(), "when", "must restrict something")
		c.at(i).in("when").targeting(&m.When)
		c.at(i).in("when").want(!m.When.AnyDeal, "any_deal", "is of targeting: it says where to bid, not when")
	}
}

func (c check) curve(f FrequencyCurve) {
	if f.IsZero() {
		return
	}
	c = c.in("frequency_curve")
	c.want(isLevel(f.Level), "level", wantLevel)
	c.want(f.WindowSeconds >= 1 && f.WindowSeconds <= int(MaxCapWindow/time.Second), "window_seconds", "must be 1 to %s", maxCapSeconds)
	if !c.count("factors", len(f.Factors), 1, MaxCapImpressions) {
		return
	}
	last := 1.0
	for i, x := range f.Factors {
		if !c.in("factors").at(i).want(x > 0 && x <= last, "", "must be above 0, at most 1, and not above the one before") {
			return
		}
		last = x
	}
}

func (c check) dayparts(field string, parts []Daypart) {
	if c.count(field, len(parts), 0, MaxDayparts) {
		for i, d := range parts {
			c.in(field).at(i).daypart(d)
		}
	}
}

func (c check) daypart(d Daypart) {
	if c.count("days", len(d.Days), 1, 7) {
		each(c.in("days"), d.Days, func(w time.Weekday) bool { return w >= time.Sunday && w <= time.Saturday }, "must be 0 (Sunday) to 6 (Saturday)")
	}
	c.want(d.From >= 0 && d.From <= 23, "from", "must be an hour, 0 to 23")
	c.want(d.To > d.From && d.To <= 24, "to", "must be an hour above from, at most 24")
}

func (c check) size(s Size) {
	c.want(s.W >= 1 && s.W <= MaxSide, "w", "must be 1 to %d", MaxSide)
	c.want(s.H >= 1 && s.H <= MaxSide, "h", "must be 1 to %d", MaxSide)
}

func (c check) tokens(field string, l List[string]) {
	list(c.in(field), l, MaxTokens, isToken, wantToken)
}

func (c check) dataSegments(field string, l List[DataSegment]) {
	list(c.in(field), l, MaxTokens, isDataSegment, "must have an id and a provider, or a taxonomy of 1 to "+strconv.Itoa(maxSegmentTaxonomy)+", each text 1 to 255 printable characters")
}

func (c check) intRange(field string, r Range, most int) {
	c.want(r.Min >= 0 && r.Max >= 0 && max(r.Min, r.Max) <= most && (r.Max == 0 || r.Min <= r.Max), field,
		"must have min and max of 0 to %d, min not above max", most)
}

func list[T any](c check, l List[T], most int, ok func(T) bool, want string) {
	if c.count("include", len(l.Include), 0, most) {
		each(c.in("include"), l.Include, ok, want)
	}
	if c.count("exclude", len(l.Exclude), 0, most) {
		each(c.in("exclude"), l.Exclude, ok, want)
	}
}

// each wants ok of every value, and stops when nobody would hear of more.
func each[T any](c check, values []T, ok func(T) bool, want string) {
	for i, v := range values {
		if ok(v) {
			continue
		}
		if c.full() {
			return
		}
		c.at(i).want(false, "", "%s", want)
	}
}

const (
	wantLanguage = "must be an ISO 639-1 code in lower case such as de, or with a region such as de-AT"
	wantLevel    = "must be line_item, campaign or advertiser"
)

var (
	maxCapSeconds     = strconv.Itoa(int(MaxCapWindow / time.Second))
	maxRecencySeconds = strconv.Itoa(int(MaxRecencyWindow / time.Second))
)

func within(least, most int) func(int) bool {
	return func(n int) bool { return n >= least && n <= most }
}

func isLevel(l CapLevel) bool { return l == CapLineItem || l == CapCampaign || l == CapAdvertiser }

// isToken says whether s is a text that another party gave something.
func isToken(s string) bool {
	return s != "" && len(s) <= 255 && utf8.ValidString(s) && s == strings.TrimSpace(s) && strings.IndexFunc(s, invisible) < 0
}

// isAnyCategory knows taxonomy 1 by its codes, and others as number:code.
func isAnyCategory(s string) bool {
	taxonomy, code, other := strings.Cut(s, ":")
	if !other {
		return isCategory(s)
	}
	return isNumber(taxonomy, 999) && taxonomy != "1" && isToken(code) && !strings.ContainsAny(code, " :")
}

func isLanguage(s string) bool {
	language, region, split := strings.Cut(s, "-")
	return len(language) >= 2 && len(language) <= 3 && all(language, isLower) &&
		(!split || len(region) >= 2 && len(region) <= 8 && all(region, func(c byte) bool { return isUpper(c) || isLower(c) || isDigit(c) }))
}

// maxSegmentTaxonomy is above every number of IAB's list of segment taxonomies
// and of those that vendors registered.
const maxSegmentTaxonomy = 99_999

func isDataSegment(s DataSegment) bool {
	return isToken(s.ID) && (s.Provider != "" || s.Taxonomy != 0) && s.Taxonomy >= 0 && s.Taxonomy <= maxSegmentTaxonomy &&
		(s.Provider == "" || isToken(s.Provider)) && (s.Value == "" || isToken(s.Value))
}

func isKeyword(s string) bool {
	n := len(strings.FieldsFunc(s, func(r rune) bool { return !IsWord(r) }))
	return len(s) <= 100 && isToken(s) && n >= 1 && n <= MaxPhrase
}

func isFormat(f Format) bool {
	return f == FormatBanner || f == FormatVideo || f == FormatNative || f == FormatAudio
}

func isInCountry(s string) bool {
	country, rest, split := strings.Cut(s, "-")
	return split && isCountry(country) && isToken(rest)
}

func isArea(a Area) bool {
	return math.Abs(a.Lat) <= 90 && math.Abs(a.Lon) <= 180 && a.RadiusKM >= 0.1 && a.RadiusKM <= 5000
}

func isPrefix(s string) bool {
	p, err := netip.ParsePrefix(s)
	return err == nil && p.Addr() == p.Masked().Addr() && !p.Addr().Is4In6()
}

func isRegion(s string) bool {
	_, ok := geo.ParseRegion(s)
	return ok && s == strings.ToUpper(s)
}

func isSoftware(names []string) func(Software) bool {
	return func(s Software) bool {
		least, most := s.Versions()
		return slices.Contains(names, s.Name) && isVersion(s.MinVersion) && isVersion(s.MaxVersion) && least <= most
	}
}

func isRecency(r Recency) bool {
	longest := MaxRecencyWindow
	if r.Did == TouchImpression {
		longest = MaxCapWindow
	}
	return (r.Did == TouchImpression || r.Did == TouchClick || r.Did == TouchConversion) && isLevel(r.Level) &&
		r.WithinSeconds >= 1 && r.WithinSeconds <= int(longest/time.Second)
}

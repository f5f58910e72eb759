package loadtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/prebid/openrtb/v20/adcom1"
	"github.com/prebid/openrtb/v20/native1"
	nativerequest "github.com/prebid/openrtb/v20/native1/request"
	"github.com/prebid/openrtb/v20/openrtb2"
)

// Mix is what the requests are like. Shares are within [0, 1]; formats are
// relative to each other.
type Mix struct {
	Banner, Video, Native, Audio float64 // of the imps

	Zipf    float64 // how unequally often users come: rank r with weight r^-Zipf, within [0, 3]
	InTurn  bool    // users come one after the other instead
	Consent float64 // share of users who allow ads by their profile
	Deals   float64 // share of imps that offer one of the [Deals]
	NoBid   float64 // share of requests on which nobody can bid
}

// DefaultMix is a web exchange with some video and native.
func DefaultMix() Mix {
	return Mix{Banner: .8, Video: .1, Native: .1, Zipf: zipf, Consent: .75, Deals: .05, NoBid: .2}
}

// Deals is how many deals are offered, named by [DealID] from 1.
const Deals = 20

// DealID is the id of deal n.
func DealID(n int) string { return fmt.Sprintf("deal-%d", n) }

func (m *Mix) validate() error {
	for _, w := range []float64{m.Banner, m.Video, m.Native, m.Audio} {
		if !(w >= 0 && w <= 1e9) {
			return fmt.Errorf("weight %v of a format: allowed is 0 and above", w)
		}
	}
	if m.Banner+m.Video+m.Native+m.Audio == 0 {
		return errors.New("no format has a weight")
	}
	if !(m.Zipf >= 0 && m.Zipf <= 3) {
		return fmt.Errorf("exponent %v of Zipf's law: allowed is 0 to 3", m.Zipf)
	}
	for _, s := range []struct {
		of    string
		share float64
	}{{"consent", m.Consent}, {"deals", m.Deals}, {"no bids", m.NoBid}} {
		if !(s.share >= 0 && s.share <= 1) {
			return fmt.Errorf("share %v of %s: allowed is 0 to 1", s.share, s.of)
		}
	}
	return nil
}

// mixed is a Mix made ready to write.
type mixed struct {
	Mix
	sums   []float64 // of banner, and the formats below
	slots  []slot    // video, native, audio
	refuse slot      // that no creative fits
}

func newMixed(m *Mix) (*mixed, error) {
	x := &mixed{Mix: *m}
	for i, w := range []float64{m.Banner, m.Video, m.Native, m.Audio} {
		x.sums = append(x.sums, w)
		if i > 0 {
			x.sums[i] += x.sums[i-1]
		}
	}
	asked, err := json.Marshal(nativerequest.Request{
		Ver: "1.2", Context: native1.ContextTypeContent, PlcmtType: native1.PlacementTypeFeed, PlcmtCnt: 1,
		Assets: []nativerequest.Asset{
			{ID: 1, Required: 1, Title: &nativerequest.Title{Len: 90}},
			{ID: 2, Required: 1, Img: &nativerequest.Image{Type: native1.ImageAssetTypeMain, WMin: 300, HMin: 157}},
			{ID: 3, Data: &nativerequest.Data{Type: native1.DataAssetTypeSponsored, Len: 40}},
		},
		EventTrackers: []nativerequest.EventTracker{{Event: native1.EventTypeImpression, Methods: []native1.EventTrackingMethod{native1.EventTrackingMethodImage}}},
	})
	if err != nil {
		return nil, fmt.Errorf("cannot write a native request: %w", err)
	}
	protocols := []adcom1.MediaCreativeSubtype{adcom1.CreativeVAST20, adcom1.CreativeVAST30, adcom1.CreativeVAST40, adcom1.CreativeVAST41, adcom1.CreativeVAST42}
	for _, s := range []struct {
		field string
		value any
	}{
		{"video", openrtb2.Video{
			MIMEs: []string{"video/mp4"}, MinDuration: 5, MaxDuration: 30, Protocols: protocols, W: ptr(int64(640)), H: ptr(int64(360)),
			Linearity: adcom1.LinearityLinear, Plcmt: adcom1.VideoPlcmtInstream, StartDelay: ptr(adcom1.StartPreRoll),
		}},
		{"native", openrtb2.Native{Request: string(asked), Ver: "1.2"}},
		{"audio", openrtb2.Audio{MIMEs: []string{"audio/mpeg"}, MinDuration: 5, MaxDuration: 30, Protocols: protocols}},
		{"banner", openrtb2.Banner{W: ptr(int64(7)), H: ptr(int64(1))}},
	} {
		body, err := json.Marshal(s.value)
		if err != nil {
			return nil, fmt.Errorf("cannot write a %s: %w", s.field, err)
		}
		x.slots = append(x.slots, slot{field: s.field, sizes: []size{{640, 360}}, json: body})
	}
	x.refuse = x.slots[len(x.slots)-1]
	return x, nil
}

// slot returns what an imp asks for instead of a banner, or the banner.
func (x *mixed) slot(rng *rand.Rand, nobody bool, banner *slot) *slot {
	format := weighted(x.sums, rng.Float64())
	switch {
	case nobody:
		return &x.refuse
	case format == 0:
		return banner
	}
	return &x.slots[format-1]
}

// appendDeal appends an imp's private marketplace with a comma before it, or
// nothing. Half of the deals have a floor of their own.
func (x *mixed) appendDeal(b []byte, rng *rand.Rand) []byte {
	offered, n := rng.Float64() < x.Deals, 1+rng.IntN(Deals)
	if !offered {
		return b
	}
	b = append(b, `,"pmp":{"deals":[{"id":"`...)
	b = append(append(b, DealID(n)...), '"')
	if n%2 == 0 {
		b = append(b, `,"bidfloor":0.5,"bidfloorcur":"USD"`...)
	}
	return append(b, `}]}`...)
}

// privacy returns the signals of a user who allows ads by profile, or not.
func (c *consents) simple(u *user, p *publication, consent float64) privacy {
	allows := share(mix(u.hash^11)) < consent
	s := privacy{gdpr: 0}
	switch {
	case u.country.gdpr:
		s.gdpr, s.tcf = 1, c.none
		if allows {
			s.tcf = c.all
		}
	case u.country.code == "USA":
		s.us = "1YYN"
		if allows {
			s.us = "1YNN"
		}
	case !allows: // a publisher that asks everybody
		s.gdpr, s.tcf = 1, c.none
	}
	s.coppa = p.kids && !allows
	return s
}

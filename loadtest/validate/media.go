package validate

import (
	"strconv"
	"strings"

	"github.com/prebid/openrtb/v20/adcom1"
	"github.com/prebid/openrtb/v20/openrtb2"
)

// media is what video and audio imps have in common (sections 3.2.7, 3.2.8).
type media struct {
	mimes            []string
	shortest         int64
	longest          int64 // 0 for any
	extended         int64 // beyond the longest; -1 for any
	exactly          []int64
	protocols        []adcom1.MediaCreativeSubtype
	linearity        adcom1.LinearityMode
	skip             *int8
	skipMin          int64
	skipAfter        int64
	minRate, maxRate int64
	delivery         []adcom1.DeliveryMethod
	apis             []adcom1.APIFramework
	battr            []adcom1.CreativeAttribute
	floors           []openrtb2.DurFloors
	perSecond        float64
	podSeconds       int64
	podAds           int64
	slot             adcom1.SlotPositionInPod
	beside           []openrtb2.Banner
	besideTypes      []adcom1.CompanionType
	w, h             int64 // the player's, of video that may have no black bars; else 0
}

// mediaOf returns what the imp says of a format; nil for others.
func mediaOf(f openrtb2.MarkupType, imp *openrtb2.Imp) *media {
	switch {
	case f == openrtb2.MarkupVideo && imp.Video != nil:
		v := imp.Video
		m := &media{v.MIMEs, v.MinDuration, v.MaxDuration, v.MaxExtended, v.RqdDurs, v.Protocols, v.Linearity, v.Skip, v.SkipMin, v.SkipAfter,
			v.MinBitRate, v.MaxBitRate, v.Delivery, v.API, v.BAttr, v.DurFloors, v.MinCPMPerSec, v.PodDur, v.MaxSeq, v.SlotInPod, v.CompanionAd, v.CompanionType, 0, 0}
		if v.BoxingAllowed != nil && *v.BoxingAllowed == 0 && v.W != nil && v.H != nil {
			m.w, m.h = *v.W, *v.H
		}
		if v.Protocol != 0 {
			m.protocols = append(m.protocols[:len(m.protocols):len(m.protocols)], v.Protocol)
		}
		return m
	case f == openrtb2.MarkupAudio && imp.Audio != nil:
		a := imp.Audio
		return &media{a.MIMEs, a.MinDuration, a.MaxDuration, a.MaxExtended, a.RqdDurs, a.Protocols, 0, nil, 0, 0,
			a.MinBitrate, a.MaxBitrate, a.Delivery, a.API, a.BAttr, a.DurFloors, a.MinCPMPerSec, a.PodDur, a.MaxSeq, a.SlotInPod, a.CompanionAd, a.CompanionType, 0, 0}
	}
	return nil
}

// podOf returns the imp's media if it is an ad break that takes several ads.
func podOf(imp *openrtb2.Imp) *media {
	for _, f := range []openrtb2.MarkupType{openrtb2.MarkupVideo, openrtb2.MarkupAudio} {
		if m := mediaOf(f, imp); m != nil && m.podSeconds > 0 {
			return m
		}
	}
	return nil
}

// checkMedia holds VAST to what the imp takes, and returns its seconds.
func (c *checker) checkMedia(b *bid, m *media, adm string, secure bool) (seconds int64) {
	c.checkMacros(adm)
	v, err := readVAST(adm)
	if err != nil {
		c.add(VAST, "%v", err)
		return b.Dur
	}
	if secure {
		for _, u := range v.loads {
			c.checkSecure(u)
		}
	}
	if len(m.protocols) > 0 && !contains(m.protocols, v.protocol) {
		c.add(Protocol, "VAST %s", v.version)
	}
	if b.Protocol != 0 && b.Protocol != v.protocol {
		c.add(Protocol, "%d said, VAST %s", b.Protocol, v.version)
	}
	c.checkCompanions(m, v)
	if v.wrapper {
		seconds = b.Dur // the wrapped ad's is not known
	} else {
		c.checkLinear(m, v)
		seconds = v.seconds()
		if b.Dur != 0 && b.Dur != seconds {
			c.add(Duration, "dur is %d, the ad's %d", b.Dur, seconds)
		}
	}
	if s := b.SlotInPod; s != 0 && s != m.slot && (m.slot != adcom1.SlotPosFirstOrLast || s != adcom1.SlotPosFirst && s != adcom1.SlotPosLast) {
		c.add(Slot, "%d, and the imp guarantees %d", b.SlotInPod, m.slot)
	}
	if m.podSeconds > 0 && seconds <= 0 {
		c.add(Duration, "not told in an ad break")
	}
	if seconds > 0 && !m.fits(seconds) {
		c.add(Duration, "%d seconds", seconds)
	}
	return seconds
}

// checkLinear judges the ad and its files.
func (c *checker) checkLinear(m *media, v *vastAd) {
	if m.linearity == adcom1.LinearityLinear && v.linear == nil || m.linearity == adcom1.LinearityNonLinear && v.linear != nil {
		c.add(Linearity, "%d asked for", m.linearity)
	}
	if v.linear == nil {
		return
	}
	if v.linear.SkipOffset != nil {
		after, ok := clockSeconds(*v.linear.SkipOffset, v.linear.Duration)
		switch {
		case !ok:
			c.add(VAST, "skipoffset %q", *v.linear.SkipOffset)
		case contains(m.battr, adcom1.AttrHasSkipButton):
			c.add(BAttr, "%d: it has a skipoffset", adcom1.AttrHasSkipButton)
		case m.skip != nil && *m.skip == 0:
			c.add(Skip, "not allowed")
		case m.skipMin > 0 && v.seconds() <= m.skipMin:
			c.add(Skip, "only of ads of more than %d seconds", m.skipMin)
		case after < float64(m.skipAfter):
			c.add(Skip, "after %g seconds, not %d", after, m.skipAfter)
		}
	}
	c.checkFiles(m, v.linear)
}

// checkFiles holds the files to what a player chooses by: one with all of it
// will do.
func (c *checker) checkFiles(m *media, l *vastLinear) {
	some := [...]struct {
		code    Code
		has     bool // some file has it
		wanted  any
		judging func(*vastFile) bool
	}{
		{MIME, false, m.mimes, m.takesType},
		{Bitrate, false, [2]int64{m.minRate, m.maxRate}, m.takesRate},
		{Delivery, false, m.delivery, m.takesDelivery},
		{Boxing, false, [2]int64{m.w, m.h}, m.fills},
	}
	one := false
	for i := range l.Files {
		f, all := &l.Files[i], true
		for k := range some {
			has := some[k].judging(f)
			some[k].has, all = some[k].has || has, all && has
		}
		one = one || all
		c.checkFramework(m, f)
	}
	for i := range l.Beside {
		c.checkFramework(m, &l.Beside[i])
	}
	if one {
		return
	}
	lacking := len(c.found)
	for _, k := range some {
		if !k.has {
			c.add(k.code, "no file is of %v", k.wanted)
		}
	}
	if len(c.found) == lacking {
		c.add(MIME, "no one file is of %q that has the bitrate, delivery and ratio, too", m.mimes)
	}
}

func (m *media) takesType(f *vastFile) bool {
	for _, want := range m.mimes {
		if strings.EqualFold(want, f.Type) {
			return true
		}
	}
	return len(m.mimes) == 0
}

func (m *media) takesRate(f *vastFile) bool {
	return f.Bitrate == 0 || f.Bitrate >= m.minRate && (m.maxRate == 0 || f.Bitrate <= m.maxRate)
}

func (m *media) takesDelivery(f *vastFile) bool {
	for _, want := range m.delivery {
		if deliveries[want] == f.Delivery || deliveries[want] == "" {
			return true
		}
	}
	return len(m.delivery) == 0
}

// fills says whether a file has the player's ratio, within the few percent
// that cropping hides.
func (m *media) fills(f *vastFile) bool {
	if m.w <= 0 || m.h <= 0 {
		return true
	}
	w, err1 := strconv.ParseFloat(f.Width, 64)
	h, err2 := strconv.ParseFloat(f.Height, 64)
	ratio := w / h / (float64(m.w) / float64(m.h))
	return err1 == nil && err2 == nil && ratio > 0.97 && ratio < 1.03
}

// checkFramework holds a file to the frameworks of the player. VPAID 1.0 runs
// Flash alone.
func (c *checker) checkFramework(m *media, f *vastFile) {
	frameworks, known := apis[f.API]
	if f.API == "VPAID" && !strings.EqualFold(f.Type, "application/x-shockwave-flash") {
		frameworks = []adcom1.APIFramework{adcom1.APIVPAID20}
	}
	if known && !containsAny(m.apis, frameworks) {
		c.add(API, "%q of %q", f.API, f.Type)
	}
}

var deliveries = map[adcom1.DeliveryMethod]string{adcom1.DeliveryStreaming: "streaming", adcom1.DeliveryProgressive: "progressive"}

// apis is the names that VAST has for list "API Frameworks".
var apis = map[string][]adcom1.APIFramework{
	"VPAID": {adcom1.APIVPAID10, adcom1.APIVPAID20}, "MRAID": {adcom1.APIMRAID10, adcom1.APIMRAID20, adcom1.APIMRAID30},
	"omid": {adcom1.APIOMID10}, "SIMID": {8, 9}, // 1.0 and 1.1
}

func containsAny[T comparable](list, any []T) bool {
	for _, v := range any {
		if contains(list, v) {
			return true
		}
	}
	return false
}

func (m *media) fits(seconds int64) bool {
	if len(m.exactly) > 0 {
		return contains(m.exactly, seconds)
	}
	if m.podSeconds > 0 && seconds > m.podSeconds {
		return false
	}
	return seconds >= m.shortest && (m.longest == 0 || m.extended < 0 || seconds <= m.longest+m.extended)
}

// checkPods holds the bids for an ad break to its length and number of ads.
// Whose they are is no rule: a seller builds the break, from any of the bids,
// and says by poddedupe what it drops for being there twice (section 7.6).
func (c *checker) checkPods() {
	for i := range c.Imp {
		m := podOf(&c.Imp[i])
		if m == nil {
			continue
		}
		var seconds, ads int64
		slots := map[adcom1.SlotPositionInPod]bool{}
		for _, t := range c.taken {
			if t.imp != i {
				continue
			}
			c.seat, c.bid = t.seat, t.bid
			seconds, ads = seconds+t.seconds, ads+1
			if t.slot != 0 && slots[t.slot] {
				c.add(Slot, "%d is taken", t.slot)
			}
			slots[t.slot] = true
		}
		if seconds > m.podSeconds || m.podAds > 0 && ads > m.podAds {
			c.add(Pod, "%d ads of %d seconds", ads, seconds)
		}
	}
}

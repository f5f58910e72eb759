package vast

import (
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
)

// adSystem is who serves the ad, as players report it.
const adSystem = "Tangent"

// Document returns the ad as XML, with ${PIXEL_URL} for its first impression
// and ${CLICK_URL} for its click. A wrapper calls the latter as a tracker.
func (a *Ad) Document() (string, error) {
	if err := a.check(); err != nil {
		return "", fmt.Errorf("cannot write VAST for %q: %w", a.ID, err)
	}
	b := builder{a, a.Version >= V40}
	ad := el("Ad").attr("id", a.ID)
	if a.Version >= V41 && a.Audio {
		ad.attr("adType", "audio")
	}
	root := el("VAST", ad).attr("version", fmt.Sprintf("%d.%d", a.Version/10, a.Version%10))
	if b.v4 {
		root.attr("xmlns", "http://www.iab.com/VAST")
	}
	if a.TagURL == "" {
		ad.add(b.inline())
	} else {
		ad.add(b.wrapper())
	}
	text, err := marshal(root)
	if err != nil {
		return "", fmt.Errorf("cannot write VAST for %q: %w", a.ID, err)
	}
	return text, nil
}

// buffers are what documents are written through: to make one takes more than
// the document. A catalog of 100,000 line items has as many documents.
var buffers = sync.Pool{New: func() any { return bufio.NewWriterSize(nil, 4096) }} // as large as encoding/xml would make it

func marshal(root *node) (string, error) {
	b := buffers.Get().(*bufio.Writer)
	defer buffers.Put(b)
	var text strings.Builder
	text.WriteString(xml.Header)
	b.Reset(&text)
	err := errors.Join(xml.NewEncoder(b).Encode(root), b.Flush())
	b.Reset(nil)
	return text.String(), err
}

// node is an element. encoding/xml escapes all that is in it.
type node struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	CDATA    string     `xml:",cdata"`
	Text     string     `xml:",chardata"`
	Children []*node
}

func el(name string, children ...*node) *node {
	return (&node{XMLName: xml.Name{Local: name}}).add(children...)
}

// add adds what is not nil.
func (n *node) add(children ...*node) *node {
	for _, c := range children {
		if c != nil {
			n.Children = append(n.Children, c)
		}
	}
	return n
}

func (n *node) attr(name, value string) *node {
	n.Attrs = append(n.Attrs, xml.Attr{Name: xml.Name{Local: name}, Value: value})
	return n
}

func (n *node) number(name string, value int) *node { return n.attr(name, strconv.Itoa(value)) }

// text is an element of escaped text, or nil when there is none.
func text(name, s string) *node {
	if s == "" {
		return nil
	}
	return &node{XMLName: xml.Name{Local: name}, Text: s}
}

// link is an element of a URL, or nil when there is none.
func link(name, url string) *node {
	if url == "" {
		return nil
	}
	return &node{XMLName: xml.Name{Local: name}, CDATA: url}
}

func links(name string, urls []string) (all []*node) {
	for _, u := range urls {
		all = append(all, link(name, u))
	}
	return all
}

// builder puts elements into the order of the version's schema.
type builder struct {
	*Ad
	v4 bool
}

func (b builder) inline() *node {
	n := el("InLine", text("AdSystem", adSystem))
	if b.v4 {
		n.add(link("Error", b.Error)).add(b.impressions()...)
		if b.Version >= V41 {
			n.add(text("AdServingId", b.ID+"-"+CacheBuster))
		}
		return n.add(text("AdTitle", b.Title), b.verifications(), text("Advertiser", b.Advertiser), b.creatives(), text("Description", b.Description))
	}
	n.add(text("AdTitle", b.Title), text("Description", b.Description))
	if b.Version >= V30 {
		n.add(text("Advertiser", b.Advertiser))
	}
	return n.add(link("Error", b.Error)).add(b.impressions()...).add(b.creatives())
}

func (b builder) wrapper() *node {
	n := el("Wrapper", text("AdSystem", adSystem))
	tag := link("VASTAdTagURI", b.TagURL)
	if b.v4 {
		return n.add(link("Error", b.Error)).add(b.impressions()...).add(b.verifications(), b.creatives(), tag)
	}
	return n.add(tag, link("Error", b.Error)).add(b.impressions()...).add(b.creatives())
}

func (b builder) impressions() []*node {
	return links("Impression", append([]string{PixelURL}, b.Impressions...))
}

func (b builder) verifications() *node {
	if len(b.Verifications) == 0 {
		return nil
	}
	all := el("AdVerifications")
	for _, v := range b.Verifications {
		one := el("Verification", link("JavaScriptResource", v.ScriptURL).attr("apiFramework", "omid").attr("browserOptional", "true")).attr("vendor", v.Vendor)
		if v.NotExecuted != "" {
			one.add(el("TrackingEvents", link("Tracking", v.NotExecuted).attr("event", "verificationNotExecuted")))
		}
		all.add(one.add(text("VerificationParameters", v.Parameters)))
	}
	return all
}

// creatives has the linear and, as a creative of its own, the companions: in
// 2.0 and 3.0 a creative is one or the other.
func (b builder) creatives() *node {
	linear := el("Creative", b.linear()).attr("id", b.ID)
	if b.v4 && b.TagURL == "" {
		linear.add(b.universalID())
	}
	all := el("Creatives", linear)
	if len(b.Companions) == 0 {
		return all
	}
	companions := el("CompanionAds")
	for i := range b.Companions {
		companions.add(b.companion(&b.Companions[i]))
	}
	second := el("Creative", companions)
	if b.v4 && b.TagURL == "" {
		second.add(b.universalID())
	}
	return all.add(second)
}

func (b builder) universalID() *node {
	id := b.UniversalID
	if id == (UniversalID{}) {
		id = UniversalID{"unknown", "unknown"}
	}
	n := text("UniversalAdId", id.Value).attr("idRegistry", id.Registry)
	if b.Version < V41 { // the attribute became the text
		n.attr("idValue", id.Value)
	}
	return n
}

func (b builder) linear() *node {
	n := el("Linear")
	if b.Skippable {
		n.attr("skipoffset", clockTime(b.SkipAfter))
	}
	switch {
	case b.TagURL != "":
		return n.add(tracking(b.Tracking), b.clicks())
	case b.v4:
		return n.add(tracking(b.Tracking), text("Duration", clockTime(b.Duration)), b.media(), b.clicks())
	}
	return n.add(text("Duration", clockTime(b.Duration)), tracking(b.Tracking), b.clicks(), b.media())
}

func (b builder) clicks() *node {
	trackers := links("ClickTracking", b.ClickTracking)
	if b.TagURL != "" {
		return el("VideoClicks", link("ClickTracking", ClickURL)).add(trackers...)
	}
	through := link("ClickThrough", orRedirect(b.LandingURL))
	if b.v4 {
		return el("VideoClicks", trackers...).add(through)
	}
	return el("VideoClicks", through).add(trackers...)
}

func orRedirect(landing string) string {
	if landing == "" {
		return ClickURL
	}
	return landing
}

func (b builder) media() *node {
	all := el("MediaFiles")
	for i := range b.Media {
		m := &b.Media[i]
		delivery := "progressive"
		if m.Streaming {
			delivery = "streaming"
		}
		n := link("MediaFile", m.URL).attr("delivery", delivery).attr("type", m.MIME).number("width", m.Width).number("height", m.Height)
		if m.Codec != "" {
			n.attr("codec", m.Codec)
		}
		if m.Bitrate > 0 {
			n.number("bitrate", m.Bitrate)
		}
		if m.API != "" {
			n.attr("apiFramework", m.API)
		}
		all.add(n)
	}
	for _, i := range b.Interactive {
		all.add(link("InteractiveCreativeFile", i.URL).attr("type", i.MIME).attr("apiFramework", i.API))
	}
	return all
}

func (b builder) companion(c *Companion) *node {
	n := el("Companion").number("width", c.Width).number("height", c.Height)
	n.add(link("HTMLResource", newlines.Replace(c.HTML)), link("IFrameResource", c.IFrameURL))
	if c.StaticURL != "" {
		n.add(link("StaticResource", c.StaticURL).attr("creativeType", c.StaticType))
	}
	var views []Tracking
	for _, u := range c.ViewTracking {
		views = append(views, Tracking{Event: "creativeView", URL: u})
	}
	click := link("CompanionClickThrough", orRedirect(c.LandingURL))
	if b.v4 {
		return n.add(text("AltText", c.AltText), click, tracking(views))
	}
	return n.add(tracking(views), click, text("AltText", c.AltText))
}

// newlines does what every XML parser does to a CDATA section.
var newlines = strings.NewReplacer("\r\n", "\n", "\r", "\n")

func tracking(all []Tracking) *node {
	if len(all) == 0 {
		return nil
	}
	n := el("TrackingEvents")
	for _, t := range all {
		one := link("Tracking", t.URL).attr("event", t.Event)
		if t.Event == "progress" {
			one.attr("offset", clockTime(t.Offset))
		}
		n.add(one)
	}
	return n
}

// clockTime writes hh:mm:ss, or hh:mm:ss.mmm.
func clockTime(d time.Duration) string {
	s := fmt.Sprintf("%02d:%02d:%02d", int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60)
	if ms := d.Milliseconds() % 1000; ms != 0 {
		s += fmt.Sprintf(".%03d", ms)
	}
	return s
}

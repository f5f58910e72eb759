package catalog

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/openrtb"
)

// ask is a bid request with one imp, as far as creatives are held to it. Its
// tags are OpenRTB's: what it says goes through the decoder.
type ask struct {
	ID                     string   `json:"id"`
	Imps                   []askImp `json:"imp"`
	BAdv                   []string `json:"badv,omitempty"`
	BApp                   []string `json:"bapp,omitempty"`
	BCat                   []string `json:"bcat,omitempty"`
	ACat                   []string `json:"acat,omitempty"`
	WLang                  []string `json:"wlang,omitempty"`
	Device                 askSize  `json:"device"`
	exchange               event.ExchangeID
	approvedOnly           bool
	nativeTitle, nativeFor int // longest title; type of a required data asset; 0 for none
}

type askImp struct {
	ID     string         `json:"id"`
	Secure int            `json:"secure,omitempty"`
	Instl  int            `json:"instl,omitempty"`
	Banner *askBanner     `json:"banner,omitempty"`
	Video  *askMedia      `json:"video,omitempty"`
	Audio  *askMedia      `json:"audio,omitempty"`
	Native map[string]any `json:"native,omitempty"`
}

type askSize struct {
	W int `json:"w,omitempty"`
	H int `json:"h,omitempty"`
}

type askFormat struct {
	askSize
	WRatio int `json:"wratio,omitempty"`
	HRatio int `json:"hratio,omitempty"`
	WMin   int `json:"wmin,omitempty"`
}

type askBanner struct {
	askSize
	Format []askFormat `json:"format,omitempty"`
	Mimes  []string    `json:"mimes,omitempty"`
	BAttr  []int       `json:"battr,omitempty"`
	BType  []int       `json:"btype,omitempty"`
	API    []int       `json:"api,omitempty"`
}

type askMedia struct {
	askSize
	Mimes       []string `json:"mimes"`
	MinDuration int      `json:"minduration,omitempty"`
	MaxDuration int      `json:"maxduration,omitempty"`
	MaxExtended int      `json:"maxextended,omitempty"`
	RqdDurs     []int    `json:"rqddurs,omitempty"`
	Protocols   []int    `json:"protocols,omitempty"`
	MaySkip     *int     `json:"skip,omitempty"`
	SkipMin     int      `json:"skipmin,omitempty"`
	SkipAfter   int      `json:"skipafter,omitempty"`
	Linearity   int      `json:"linearity,omitempty"`
	Delivery    []int    `json:"delivery,omitempty"`
	MinBitrate  int      `json:"minbitrate,omitempty"`
	MaxBitrate  int      `json:"maxbitrate,omitempty"`
	Boxing      *int     `json:"boxingallowed,omitempty"`
	BAttr       []int    `json:"battr,omitempty"`
	API         []int    `json:"api,omitempty"`
}

// takes is the plain reading of what a request wants of a creative, written
// without looking at the catalog.
func (a *ask) takes(d campaign.Creative) bool {
	imp := a.Imps[0]
	var battr, apis []int
	switch d.Kind() {
	case campaign.FormatBanner:
		b := imp.Banner
		if b == nil || !b.has(d.Size, imp.Instl == 1, a.Device) || !b.shows() {
			return false
		}
		script := strings.Contains(d.Markup, "<script")
		if slices.Contains(b.BType, 2) || script && slices.Contains(b.BType, 3) {
			return false
		}
		battr, apis = b.BAttr, b.API
	case campaign.FormatNative:
		if imp.Native == nil || !a.takesNative(d.Native) {
			return false
		}
	case campaign.FormatVideo:
		if imp.Video == nil || imp.Video.Linearity == 2 || !imp.Video.takes(d.Media, true) {
			return false
		}
		battr, apis = imp.Video.BAttr, imp.Video.API
	case campaign.FormatAudio:
		if imp.Audio == nil || !imp.Audio.takes(d.Media, false) {
			return false
		}
		battr, apis = imp.Audio.BAttr, imp.Audio.API
	}
	state := campaign.ApprovalState("")
	for _, x := range d.Approvals {
		if x.ExchangeID == a.exchange {
			state = x.State
		}
	}
	host := strings.Split(strings.TrimPrefix(d.LandingURL, "https://"), "/")[0]
	below := func(name string, parents []string) bool {
		return slices.ContainsFunc(parents, func(p string) bool { return ("." + name)[max(0, len(name)-len(p)):] == "."+p })
	}
	in := func(category string, list []string) bool {
		parent, _, _ := strings.Cut(category, "-")
		return slices.Contains(list, category) || slices.Contains(list, parent)
	}
	common := func(a, b []int) bool {
		return slices.ContainsFunc(a, func(n int) bool { return slices.Contains(b, n) })
	}
	switch {
	case imp.Secure == 1 && !d.Secure,
		state == campaign.Rejected, a.approvedOnly && state != campaign.Approved,
		len(d.APIs) > 0 && !common(d.APIs, apis),
		common(d.Attributes, battr),
		below(host, a.BAdv), slices.ContainsFunc(d.Domains, func(n string) bool { return below(n, a.BAdv) }),
		slices.Contains(a.BApp, d.AppBundle),
		len(a.BCat) > 0 && (len(d.Categories) == 0 || slices.ContainsFunc(d.Categories, func(c string) bool { return in(c, a.BCat) })),
		len(a.ACat) > 0 && (len(d.Categories) == 0 || slices.ContainsFunc(d.Categories, func(c string) bool { return !in(c, a.ACat) })),
		len(a.WLang) > 0 && d.Language != "" && !slices.Contains(a.WLang, d.Language):
		return false
	}
	return true
}

func (b *askBanner) has(s campaign.Size, fullScreen bool, screen askSize) bool {
	if b.W == 0 && len(b.Format) == 0 {
		return fullScreen && (screen.W == 0 || s.W <= screen.W) && (screen.H == 0 || s.H <= screen.H)
	}
	ok := b.W == s.W && b.H == s.H
	for _, f := range b.Format {
		ok = ok || f.W == s.W && f.H == s.H || f.WRatio > 0 && s.W*f.HRatio == s.H*f.WRatio && s.W >= f.WMin
	}
	return ok
}

func (b *askBanner) shows() bool {
	return len(b.Mimes) == 0 || slices.Contains(b.Mimes, "text/html") || slices.Contains(b.Mimes, "image/gif")
}

func (a *ask) takesNative(n *campaign.Native) bool {
	title := slices.ContainsFunc(n.Titles, func(t string) bool { return len(t) <= a.nativeTitle })
	data := slices.ContainsFunc(n.Data, func(x campaign.NativeData) bool { return x.Type == a.nativeFor })
	return title && (a.nativeFor == 0 || data)
}

func (m *askMedia) takes(d *campaign.Media, video bool) bool {
	seconds := (d.DurationMS + 999) / 1000
	if len(m.RqdDurs) > 0 {
		if !slices.Contains(m.RqdDurs, seconds) {
			return false
		}
	} else if seconds < m.MinDuration || m.MaxDuration > 0 && m.MaxExtended >= 0 && seconds > m.MaxDuration+m.MaxExtended {
		return false
	}
	ours := []int{2, 3, 7, 13}
	if d.TagURL != "" {
		ours = []int{5, 6, 8, 14}
	} else if d.Skippable {
		ours = ours[1:] // VAST 2 knows no skipping
	}
	if len(m.Protocols) > 0 && !slices.ContainsFunc(ours, func(p int) bool { return slices.Contains(m.Protocols, p) }) {
		return false
	}
	if d.Skippable && (m.MaySkip != nil && *m.MaySkip == 0 || m.SkipMin > 0 && seconds <= m.SkipMin || d.SkipAfterMS/1000 < m.SkipAfter) {
		return false
	}
	return d.TagURL != "" || slices.ContainsFunc(d.Files, func(f campaign.MediaFile) bool {
		delivery := 2
		if f.Stream {
			delivery = 1
		}
		ratio := float64(f.W*m.H) / float64(max(f.H*m.W, 1))
		return slices.Contains(m.Mimes, f.MIME) && (len(m.Delivery) == 0 || slices.Contains(m.Delivery, delivery)) &&
			f.Bitrate >= m.MinBitrate && (m.MaxBitrate == 0 || f.Bitrate <= m.MaxBitrate) &&
			(!video || m.Boxing == nil || *m.Boxing != 0 || m.W == 0 || ratio > 0.9 && ratio < 1.1)
	})
}

// What the law draws from: few values, so that they often meet.
func some[T any](t *rapid.T, name string, of ...T) []T {
	if rapid.IntRange(0, 2).Draw(t, name+" given") > 0 {
		return nil
	}
	return rapid.SliceOfN(rapid.SampledFrom(of), 1, 3).Draw(t, name)
}

func maybe[T any](t *rapid.T, name string, of ...T) (v T) {
	if rapid.Bool().Draw(t, name+" given") {
		v = rapid.SampledFrom(of).Draw(t, name)
	}
	return v
}

func drawCreative(t *rapid.T, format campaign.Format) campaign.Creative {
	d := aCreative(1, 1)
	d.Secure = rapid.Bool().Draw(t, "https")
	d.LandingURL = "https://" + rapid.SampledFrom([]string{"example.com", "shop.example.com", "shop.example.org"}).Draw(t, "landing") + "/boots"
	d.Domains = rapid.SampledFrom([][]string{{"example.com"}, {"example.com", "example.org"}}).Draw(t, "domains")
	d.AppBundle = maybe(t, "bundle", "com.example.app")
	d.Categories = some(t, "categories", "IAB1", "IAB1-1", "IAB12", "IAB2-3")
	d.Attributes, d.APIs = some(t, "attributes", 1, 8), some(t, "apis", 5, 7)
	d.Language = maybe(t, "language", "de", "en")
	if s := maybe(t, "approval", campaign.Approved, campaign.ApprovalPending, campaign.Rejected); s != "" {
		d.Approvals = []campaign.Approval{{ExchangeID: event.ExchangeID(rapid.IntRange(1, 2).Draw(t, "by")), State: s}}
	}
	if format == campaign.FormatBanner {
		d.Size = rapid.SampledFrom([]campaign.Size{{W: 300, H: 250}, {W: 320, H: 50}}).Draw(t, "size")
		d.Markup += maybe(t, "script", "<script></script>")
		return d
	}
	d.Format, d.Size, d.Markup = format, campaign.Size{}, ""
	if format == campaign.FormatNative {
		d.Native = &campaign.Native{Titles: []string{"Boots that last", "Boots"}[rapid.IntRange(0, 1).Draw(t, "titles"):]}
		if rapid.Bool().Draw(t, "data") {
			d.Native.Data = []campaign.NativeData{{Type: 1, Value: "Example"}}
		}
		return d
	}
	d.Media = &campaign.Media{DurationMS: rapid.SampledFrom([]int{14_960, 15_000, 30_000}).Draw(t, "duration")}
	if rapid.IntRange(0, 3).Draw(t, "wrapper") == 0 {
		d.Media.TagURL = "https://ads.example.net/vast"
		return d
	}
	if d.Media.Skippable = rapid.Bool().Draw(t, "skippable"); d.Media.Skippable {
		d.Media.SkipAfterMS = 5000
	}
	for i := range rapid.IntRange(1, 2).Draw(t, "files") {
		f := campaign.MediaFile{URL: fmt.Sprintf("https://cdn.example.com/%d", i), MIME: rapid.SampledFrom([]string{"video/mp4", "audio/mpeg"}).Draw(t, "mime"),
			Bitrate: rapid.SampledFrom([]int{500, 1500}).Draw(t, "bitrate"), Stream: rapid.Bool().Draw(t, "stream")}
		if format == campaign.FormatVideo {
			f.W, f.H = 640, rapid.SampledFrom([]int{360, 480}).Draw(t, "height")
		}
		d.Media.Files = append(d.Media.Files, f)
	}
	return d
}

func drawAsk(t *rapid.T) *ask {
	imp := askImp{ID: "1", Secure: maybe(t, "secure", 1), Instl: maybe(t, "instl", 1)}
	media := func() *askMedia {
		mimes := rapid.SliceOfN(rapid.SampledFrom([]string{"video/mp4", "audio/mpeg", "video/webm"}), 1, 3).Draw(t, "mimes")
		if rapid.Bool().Draw(t, "asks for little") { // who asks for all of the below takes next to nothing
			return &askMedia{Mimes: mimes}
		}
		m := &askMedia{
			Mimes:       mimes,
			MinDuration: maybe(t, "minduration", 5, 16), MaxDuration: maybe(t, "maxduration", 14, 15, 30),
			RqdDurs: some(t, "rqddurs", 15, 30), Protocols: some(t, "protocols", 1, 2, 3, 6, 7, 14),
			SkipMin: maybe(t, "skipmin", 14, 15), SkipAfter: maybe(t, "skipafter", 5, 6), Linearity: maybe(t, "linearity", 1, 1, 2),
			Delivery: some(t, "delivery", 1, 2), MinBitrate: maybe(t, "minbitrate", 500, 501), MaxBitrate: maybe(t, "maxbitrate", 1000, 1500),
			BAttr: some(t, "battr", 1, 8), API: some(t, "api", 5, 7), MaySkip: maybe(t, "skip", new(int), ptr(1)),
			Boxing: maybe(t, "boxing", new(int), ptr(1)), askSize: maybe(t, "player", askSize{1280, 720}),
		}
		if m.MaxDuration > 0 {
			m.MaxExtended = maybe(t, "maxextended", -1, 1)
		}
		return m
	}
	if rapid.IntRange(0, 3).Draw(t, "banner") > 0 {
		sizes := []askFormat{{askSize: askSize{300, 250}}, {askSize: askSize{320, 50}}, {askSize: askSize{728, 90}}, {WRatio: 6, HRatio: 5, WMin: 300}, {WRatio: 6, HRatio: 5, WMin: 301}}
		imp.Banner = &askBanner{askSize: maybe(t, "size", askSize{300, 250}, askSize{728, 90}), Format: some(t, "format", sizes...),
			Mimes: some(t, "banner mimes", "text/html", "image/gif", "video/mp4"), BAttr: some(t, "banner battr", 1, 8),
			BType: some(t, "btype", 1, 2, 3, 4), API: some(t, "banner api", 5, 7)}
	}
	a := &ask{ID: "r", Device: maybe(t, "screen", askSize{320, 480}, askSize{310, 240}),
		BAdv: some(t, "badv", "example.com", "shop.example.com", "example.org", "ample.com"), BApp: some(t, "bapp", "com.example.app", "com.example"),
		BCat: some(t, "bcat", "IAB1", "IAB1-1", "IAB2"), ACat: some(t, "acat", "IAB1", "IAB1-1", "IAB2", "IAB12"), WLang: some(t, "wlang", "de", "fr"),
		exchange: 1, approvedOnly: rapid.Bool().Draw(t, "approved only"),
		nativeTitle: rapid.SampledFrom([]int{4, 5, 25}).Draw(t, "title length"), nativeFor: maybe(t, "data asset", 1, 2)}
	if rapid.IntRange(0, 3).Draw(t, "video") > 0 {
		imp.Video = media()
	}
	if rapid.IntRange(0, 3).Draw(t, "audio") > 0 {
		imp.Audio = media()
	}
	if rapid.IntRange(0, 3).Draw(t, "native") > 0 {
		assets := []any{map[string]any{"id": 1, "required": 1, "title": map[string]any{"len": a.nativeTitle}}}
		if a.nativeFor > 0 {
			assets = append(assets, map[string]any{"id": 2, "required": 1, "data": map[string]any{"type": a.nativeFor}})
		}
		request, _ := json.Marshal(map[string]any{"ver": "1.2", "assets": assets})
		imp.Native = map[string]any{"request": string(request)}
	}
	a.Imps = []askImp{imp}
	return a
}

func ptr[T any](v T) *T { return &v }

// Check takes a creative exactly where the plain rule does.
func TestCheckIsThePlainRule(t *testing.T) {
	decoder := openrtb.NewDecoder(openrtb.DefaultLimits())
	formats := []campaign.Format{campaign.FormatBanner, campaign.FormatVideo, campaign.FormatAudio, campaign.FormatNative}
	taken := map[campaign.Format]int{}
	rapid.Check(t, func(t *rapid.T) {
		for _, format := range formats { // each gets its share of what is drawn
			d := drawCreative(t, format)
			c := compiled(t, d)
			for range 10 {
				a := drawAsk(t)
				body, err := json.Marshal(a)
				if err != nil {
					t.Fatal(err)
				}
				r, err := decoder.Decode(body)
				if err != nil {
					t.Fatalf("%v in %s", err, body)
				}
				q := Query{Exchange: a.exchange, ApprovedOnly: a.approvedOnly}
				why, want := c.Check(&q, &r.Imps[0], r), a.takes(d)
				r.Release()
				if (why == openrtb.None) != want {
					t.Fatalf("Check says %v, the plain rule says %v\n%s\n%+v", why, want, body, d)
				}
				if want {
					taken[format]++
				}
			}
		}
	})
	if len(taken) != len(formats) && !drawsFew {
		t.Errorf("the law took creatives of these formats only: %v", taken)
	}
}

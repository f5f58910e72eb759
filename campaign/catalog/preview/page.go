package preview

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/catalog"
)

//go:embed page.html
var source string

var page = template.Must(template.New("page").Parse(source))

// macros is what bids fill in, and what stands for it here.
var macros = []struct{ name, value string }{
	{"${CLICK_URL}", "https://preview.invalid/CLICK_URL"},
	{"${CLICK_URL_ENC}", "https%3A%2F%2Fpreview.invalid%2FCLICK_URL"},
	{"${PIXEL_URL}", "https://preview.invalid/PIXEL_URL"},
	{"${CACHEBUSTER}", "123456789"},
}

// view is what the page shows.
type view struct {
	Name, Format, LandingURL string
	Domains                  []string
	Size                     campaign.Size
	Frame                    string // HTML of a banner
	Media                    *campaign.Media
	Audio                    bool
	VAST                     string
	Native                   *campaign.Native
	Companions               []frame
	Filled                   []filled // macros that were
}

type frame struct {
	Size campaign.Size
	HTML string
}

type filled struct{ Macro, Value string }

// Page writes the page of a creative. Macros have values that lead nowhere,
// and the page lists them.
func Page(w io.Writer, c campaign.Creative) error {
	// Looking at a creative is no impression.
	c.ImpressionTrackers = nil
	v := view{
		Name: c.Name, Format: string(c.Kind()), LandingURL: c.LandingURL, Domains: c.Domains, Size: c.Size,
		Native: c.Native, Audio: c.Kind() == campaign.FormatAudio,
	}
	switch v.Format {
	case "banner":
		v.Frame = v.fill(catalog.BannerMarkup(&c))
	case "video", "audio":
		document, err := catalog.VAST(&c)
		if err != nil {
			return fmt.Errorf("cannot preview the creative: %w", err)
		}
		v.show(c.Media)
		v.VAST = v.fill(document)
	case "native":
		if c.Native != nil {
			v.show(c.Native.Video)
		}
	}
	if err := page.Execute(w, &v); err != nil {
		return fmt.Errorf("cannot preview the creative: %w", err)
	}
	return nil
}

func (v *view) show(m *campaign.Media) {
	if m == nil {
		return
	}
	v.Media = m
	for _, p := range m.Companions {
		markup := p.Markup
		if p.ImageURL != "" {
			markup = `<img src="` + template.HTMLEscapeString(p.ImageURL) + `" alt="` + template.HTMLEscapeString(p.AltText) + `">`
		}
		v.Companions = append(v.Companions, frame{p.Size, v.fill(markup)})
	}
}

// fill replaces macros and notes which.
func (v *view) fill(text string) string {
	for _, m := range macros {
		if !strings.Contains(text, m.name) {
			continue
		}
		if f := (filled{m.name, m.value}); !slices.Contains(v.Filled, f) {
			v.Filled = append(v.Filled, f)
		}
		text = strings.ReplaceAll(text, m.name, m.value)
	}
	return text
}

package native

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/openrtb/vast"
)

// Config is a native creative. Where several parts could serve an asset, the
// first that fits does, so the best comes first. URLs are absolute http or
// https and may hold the macros of openrtb.Markup.
type Config struct {
	ID     string
	Titles []string // longest first: a request may take fewer characters
	Images []Image
	Videos []Video
	Data   []Data

	LandingURL    string // where a click leads; empty for our redirect
	ClickTrackers []string
	Trackers      []Tracker // beside our pixel; left out where the request does not support them
	PrivacyURL    string    // shown when the request asks for one; may be empty
}

// Image is an icon or the main image.
type Image struct {
	Type int // list 7.4: 1 icon, 3 main
	URL  string
	MIME string // image/png
	W, H int    // pixels
}

// Video is a film, or one version of VAST of it. What may fill a video imp may
// fill a video asset, so that the caller has the rules.
type Video struct {
	Ad   vast.Ad
	Fits func(*openrtb.Video) bool // whether an asset takes it; must not allocate
}

// Data is a text such as the description or the sponsor.
type Data struct {
	Type  int // list 7.5: 1 sponsored, 2 description, 3 rating, 12 call to action
	Value string
}

// Tracker is a URL by which somebody else counts.
type Tracker struct {
	Event  int // list 7.6: 1 impression, 2 to 4 viewable
	Method int // list 7.7: 1 image, 2 script
	URL    string
}

func (c *Config) check() error {
	if len(c.Titles)+len(c.Images)+len(c.Videos)+len(c.Data) == 0 {
		return errors.New("it has no assets")
	}
	if n := len(c.Titles) + len(c.Images) + len(c.Videos) + len(c.Data); n > maxParts {
		return fmt.Errorf("it has %d assets, more than %d", n, maxParts)
	}
	for i, t := range c.Titles {
		if err := checkText(t); err != nil {
			return fmt.Errorf("titles[%d]: %w", i, err)
		}
	}
	for i, m := range c.Images {
		if err := vast.CheckURL(m.URL); err != nil {
			return fmt.Errorf("images[%d].url: %w", i, err)
		}
		if m.Type < 1 || m.W <= 0 || m.H <= 0 {
			return fmt.Errorf("images[%d]: must have a type and a size", i)
		}
	}
	for i := range c.Videos {
		if c.Videos[i].Fits == nil {
			return fmt.Errorf("videos[%d]: must say what it fits", i)
		}
	}
	for i, d := range c.Data {
		if d.Type < 1 {
			return fmt.Errorf("data[%d]: must have a type", i)
		}
		if err := checkText(d.Value); err != nil {
			return fmt.Errorf("data[%d].value: %w", i, err)
		}
	}
	for i, t := range c.Trackers {
		if t.Event < 1 || t.Method < 1 {
			return fmt.Errorf("trackers[%d]: must have an event and a method", i)
		}
		if err := vast.CheckURL(t.URL); err != nil {
			return fmt.Errorf("trackers[%d].url: %w", i, err)
		}
	}
	for i, u := range c.ClickTrackers {
		if err := vast.CheckURL(u); err != nil {
			return fmt.Errorf("click_trackers[%d]: %w", i, err)
		}
	}
	for _, f := range []struct{ name, url string }{{"landing_url", c.LandingURL}, {"privacy_url", c.PrivacyURL}} {
		if f.url == "" {
			continue
		}
		if err := vast.CheckURL(f.url); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	return nil
}

func checkText(s string) error {
	switch {
	case strings.TrimSpace(s) == "":
		return errors.New("must not be empty")
	case !utf8.ValidString(s):
		return errors.New("must be UTF-8")
	case strings.Contains(s, "${"):
		return errors.New("must hold no macro: requests limit how long texts are")
	}
	return nil
}

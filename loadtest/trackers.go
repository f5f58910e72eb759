package loadtest

import (
	"encoding/json"
	"encoding/xml"
	"strings"
)

// findTrackers sets what the page or player requests when it shows the bid's
// markup, and where a click leads, as far as they are within reach.
func (b *bid) findTrackers(to reach) {
	adm := strings.TrimSpace(b.AdM)
	switch {
	case strings.HasPrefix(adm, "<VAST"), strings.HasPrefix(adm, "<?xml"):
		b.trackersOfVAST(adm, to)
	case strings.HasPrefix(adm, "{"):
		b.trackersOfNative(adm, to)
	default:
		for url := range attributes(adm, "img", "src") {
			setURL(&b.pixel, url, to)
		}
		for url := range attributes(adm, "a", "href") {
			setURL(&b.click, url, to)
		}
	}
}

// setURL keeps a URL that is within reach; later ones stand behind earlier
// ones in markup that a third party's surround.
func setURL(field *string, url string, to reach) {
	if url = strings.TrimSpace(url); to.url(url) {
		*field = url
	}
}

func (b *bid) trackersOfVAST(adm string, to reach) {
	d := xml.NewDecoder(strings.NewReader(adm))
	for {
		token, err := d.Token()
		if err != nil {
			return // the end; that it is well-formed is the validator's affair
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		var url string
		switch start.Name.Local {
		case "Impression":
			if d.DecodeElement(&url, &start) == nil {
				setURL(&b.pixel, url, to)
			}
		case "ClickThrough", "ClickTracking":
			if d.DecodeElement(&url, &start) == nil && b.click == "" {
				setURL(&b.click, url, to)
			}
		}
	}
}

// trackersOfNative reads a native response (OpenRTB Native 1.2, section 5).
func (b *bid) trackersOfNative(adm string, to reach) {
	type body struct {
		Link struct {
			URL      string   `json:"url"`
			Trackers []string `json:"clicktrackers"`
		} `json:"link"`
		ImpTrackers   []string `json:"imptrackers"`
		EventTrackers []struct {
			Event  int    `json:"event"`
			Method int    `json:"method"`
			URL    string `json:"url"`
		} `json:"eventtrackers"`
	}
	var bare struct {
		body
		Native *body `json:"native"` // older exchanges wrap it
	}
	if json.Unmarshal([]byte(adm), &bare) != nil {
		return
	}
	n := &bare.body
	if bare.Native != nil {
		n = bare.Native
	}
	for _, url := range n.ImpTrackers {
		setURL(&b.pixel, url, to)
	}
	for _, t := range n.EventTrackers {
		if t.Event == 1 && t.Method == 1 { // an impression, told by an image
			setURL(&b.pixel, t.URL, to)
		}
	}
	setURL(&b.click, n.Link.URL, to)
	for _, url := range n.Link.Trackers {
		if b.click == "" {
			setURL(&b.click, url, to)
		}
	}
}

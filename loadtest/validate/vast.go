package validate

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/prebid/openrtb/v20/adcom1"
)

// vastAd is what a player finds in a VAST document.
type vastAd struct {
	version  string
	protocol adcom1.MediaCreativeSubtype
	wrapper  bool
	linear   *vastLinear
	loads    []string // every URL but those that a user follows

	universal int // ids that others know the creative by

	companions []vastCompanion
}

type vastLinear struct {
	SkipOffset *string    `xml:"skipoffset,attr"`
	Duration   string     `xml:"Duration"`
	Files      []vastFile `xml:"MediaFiles>MediaFile"`
	Beside     []vastFile `xml:"MediaFiles>InteractiveCreativeFile"`
}

type vastCompanion struct {
	Width          int64     `xml:"width,attr"`
	Height         int64     `xml:"height,attr"`
	StaticResource *struct{} `xml:"StaticResource"`
	HTMLResource   *struct{} `xml:"HTMLResource"`
	IFrameResource *struct{} `xml:"IFrameResource"`
}

type vastFile struct {
	Delivery string `xml:"delivery,attr"`
	Type     string `xml:"type,attr"`
	Width    string `xml:"width,attr"`
	Height   string `xml:"height,attr"`
	Bitrate  int64  `xml:"bitrate,attr"`
	API      string `xml:"apiFramework,attr"`
	URL      string `xml:",chardata"`
}

type vastBody struct {
	AdSystem     string
	AdTitle      string
	VASTAdTagURI string
	Impression   []string
	Creatives    []struct {
		Linear    *vastLinear
		Companion []vastCompanion `xml:"CompanionAds>Companion"`
		NonLinear []struct{}      `xml:"NonLinearAds>NonLinear"`
	} `xml:"Creatives>Creative"`
}

// protocols is list "Creative Subtypes - Audio/Video": in line, wrapper.
var protocols = map[string][2]adcom1.MediaCreativeSubtype{
	"2.0": {2, 5}, "2.0.1": {2, 5}, "3.0": {3, 6}, "4.0": {7, 8}, "4.1": {11, 12}, "4.2": {13, 14}, "4.3": {15, 16},
}

// readVAST reads a document with one ad.
func readVAST(text string) (*vastAd, error) {
	v := &vastAd{}
	if err := v.walk(text); err != nil {
		return nil, err
	}
	var doc struct {
		XMLName xml.Name `xml:"VAST"`
		Version string   `xml:"version,attr"`
		Ads     []struct {
			InLine, Wrapper *vastBody
		} `xml:"Ad"`
	}
	if err := xml.Unmarshal([]byte(text), &doc); err != nil {
		return nil, err
	}
	numbers, ok := protocols[doc.Version]
	if !ok {
		return nil, fmt.Errorf("version %q", doc.Version)
	}
	v.version = doc.Version
	if len(doc.Ads) == 0 {
		return nil, errors.New("no ad")
	}
	ad := doc.Ads[0]
	body := ad.InLine
	v.protocol = numbers[0]
	if ad.Wrapper != nil {
		body, v.wrapper, v.protocol = ad.Wrapper, true, numbers[1]
	}
	if body == nil || ad.InLine != nil && ad.Wrapper != nil {
		return nil, errors.New("an ad is in line or a wrapper")
	}
	return v, v.readBody(body)
}

func (v *vastAd) readBody(body *vastBody) error {
	for _, cr := range body.Creatives {
		v.companions = append(v.companions, cr.Companion...)
	}
	switch {
	case strings.TrimSpace(body.AdSystem) == "":
		return errors.New("no AdSystem")
	case len(body.Impression) == 0:
		return errors.New("no Impression")
	case v.wrapper && !absolute(body.VASTAdTagURI):
		return fmt.Errorf("VASTAdTagURI %q", body.VASTAdTagURI)
	case v.wrapper:
		return nil
	case strings.TrimSpace(body.AdTitle) == "":
		return errors.New("no AdTitle")
	}
	for _, u := range body.Impression {
		if u = strings.TrimSpace(u); u != "" && !absolute(u) && u != "about:blank" {
			return fmt.Errorf("impression %q", u)
		}
	}
	overlay := false
	for _, cr := range body.Creatives {
		overlay = overlay || len(cr.NonLinear) > 0
		if cr.Linear != nil {
			v.linear = cr.Linear
		}
	}
	if v.linear == nil {
		if !overlay {
			return errors.New("no creative")
		}
		return nil
	}
	if v.version >= "4.0" && v.universal == 0 {
		return errors.New("no UniversalAdId")
	}
	if s, ok := clockSeconds(v.linear.Duration, ""); !ok || s <= 0 {
		return fmt.Errorf("duration %q", v.linear.Duration)
	}
	if len(v.linear.Files) == 0 {
		return errors.New("no MediaFile")
	}
	for _, f := range v.linear.Files {
		if !absolute(f.URL) || f.Type == "" || f.Delivery != "progressive" && f.Delivery != "streaming" || f.Width == "" || f.Height == "" {
			return fmt.Errorf("media file %q of type %q, delivery %q, size %qx%q", f.URL, f.Type, f.Delivery, f.Width, f.Height)
		}
		if f.API == "SIMID" {
			return fmt.Errorf("SIMID %q among the media files", f.URL)
		}
	}
	for _, f := range v.linear.Beside {
		if !absolute(f.URL) || f.Type == "" || f.API == "SIMID" && v.protocol < adcom1.CreativeVAST41 {
			return fmt.Errorf("interactive file %q of type %q", f.URL, f.Type)
		}
	}
	return nil
}

// absolute says whether a text is a web address.
func absolute(s string) bool {
	s = strings.TrimSpace(s)
	return strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")
}

// walk reads the document to its end, which Unmarshal does not, and notes the
// URLs that a player loads.
func (v *vastAd) walk(text string) error {
	d := xml.NewDecoder(strings.NewReader(text))
	var open []string
	version := ""
	for {
		t, err := d.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		switch e := t.(type) {
		case xml.StartElement:
			if len(open) == 0 {
				for _, a := range e.Attr {
					if a.Name.Local == "version" {
						version = a.Value
					}
				}
			} else if err := v.checkElement(open, e, version); err != nil {
				return err
			}
			open = append(open, e.Name.Local)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			s := strings.TrimSpace(string(e))
			if len(open) > 0 && open[len(open)-1] == "UniversalAdId" && s == "" {
				return errors.New("an empty UniversalAdId")
			}
			if len(open) > 0 && absolute(s) && !strings.HasSuffix(open[len(open)-1], "ClickThrough") {
				v.loads = append(v.loads, s)
			}
		}
	}
}

// seconds returns the ad's duration in whole seconds, rounded up.
func (v *vastAd) seconds() int64 {
	if v.linear == nil {
		return 0
	}
	s, _ := clockSeconds(v.linear.Duration, "")
	return int64(math.Ceil(s))
}

// clockSeconds reads hh:mm:ss, hh:mm:ss.mmm or n% of another such time.
func clockSeconds(s, of string) (float64, bool) {
	s = strings.TrimSpace(s)
	if percent, ok := strings.CutSuffix(s, "%"); ok {
		p, err := strconv.ParseFloat(percent, 64)
		whole, known := clockSeconds(of, "")
		return whole * p / 100, err == nil && known && p >= 0 && p <= 100
	}
	parts := strings.Split(s, ":")
	if len(parts) != 3 || len(parts[0]) != 2 || len(parts[1]) != 2 {
		return 0, false
	}
	h, err1 := strconv.ParseUint(parts[0], 10, 8)
	m, err2 := strconv.ParseUint(parts[1], 10, 8)
	sec, err3 := strconv.ParseFloat(parts[2], 64)
	if err1 != nil || err2 != nil || err3 != nil || m > 59 || !(sec >= 0 && sec < 60) {
		return 0, false
	}
	return float64(h*3600+m*60) + sec, true
}

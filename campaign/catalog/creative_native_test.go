package catalog

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/openrtb/native"
)

// What an asset of a native request says of a video is held as an imp of video
// would hold it: the same film fits both, or neither.
func TestNativeVideoKeepsToTheLimitsOfVideo(t *testing.T) {
	film := campaign.Media{DurationMS: 14_960, Skippable: true, SkipAfterMS: 5000, Files: []campaign.MediaFile{
		{URL: "https://cdn.example.com/a.mp4", MIME: "video/mp4", W: 1280, H: 720, Bitrate: 1500},
	}}
	flash := campaign.Media{DurationMS: 14_960, Files: []campaign.MediaFile{
		{URL: "https://cdn.example.com/a.js", MIME: "application/javascript", W: 1280, H: 720, API: "VPAID"},
	}}
	tag := campaign.Media{DurationMS: 14_960, TagURL: "https://ads.example.net/vast"}
	for _, tt := range []struct {
		name  string
		media campaign.Media
		asset string
		want  bool
	}{
		{"nothing said", film, ``, true},
		{"type", film, `,"mimes":["Video/MP4"]`, true},
		{"another type", film, `,"mimes":["video/webm"]`, false},
		{"short enough", film, `,"minduration":15,"maxduration":15`, true},
		{"too long", film, `,"maxduration":14`, false},
		{"too short", film, `,"minduration":16`, false},
		{"of the length required", film, `,"rqddurs":[6,15]`, true},
		{"not of the length required", film, `,"rqddurs":[6,30]`, false},
		{"longer, as is allowed", film, `,"maxduration":14,"maxextended":1`, true},
		{"version", film, `,"protocols":[3]`, true},
		{"another version", film, `,"protocols":[5,6]`, false},
		{"version that cannot skip", film, `,"protocols":[2]`, false},
		{"may be skipped", film, `,"skip":1,"skipmin":14,"skipafter":5`, true},
		{"may not be skipped", film, `,"skip":0`, false},
		{"too short to be skipped", film, `,"skip":1,"skipmin":15`, false},
		{"skipped too early", film, `,"skip":1,"skipafter":6`, false},
		{"skippable is blocked", film, `,"battr":[16]`, false},
		{"another attribute is blocked", film, `,"battr":[8]`, true},
		{"bitrate", film, `,"minbitrate":1500,"maxbitrate":1500`, true},
		{"bitrate too high", film, `,"maxbitrate":1499`, false},
		{"bitrate too low", film, `,"minbitrate":1501`, false},
		{"delivery", film, `,"delivery":[2]`, true},
		{"another delivery", film, `,"delivery":[1]`, false},
		{"linear", film, `,"linearity":1`, true},
		{"overlay", film, `,"linearity":2`, false},
		{"ratio", film, `,"w":640,"h":360,"boxingallowed":0`, true},
		{"another ratio", film, `,"w":360,"h":640,"boxingallowed":0`, false},
		{"another ratio, boxed", film, `,"w":360,"h":640`, true},
		{"unreadable", film, `,"maxbitrate":{}`, false},
		{"framework", flash, `,"api":[7,2]`, true},
		{"no framework", flash, ``, false},
		{"another framework", flash, `,"api":[1]`, false},
		{"wrapper", tag, `,"protocols":[6],"maxbitrate":1,"delivery":[1]`, true},
		{"no wrapper", tag, `,"protocols":[3]`, false},
		{"wrapper of what is too long", tag, `,"protocols":[6],"maxduration":14`, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			video := aVideo()
			video.Media = &tt.media
			n := aNative()
			n.Native = &campaign.Native{Video: &tt.media}
			object := fmt.Sprintf(`{"placement":1%s}`, tt.asset)
			request := fmt.Sprintf(`{"ver":"1.2","assets":[{"id":1,"required":1,"video":%s}]}`, object)
			r := decoded(t, fmt.Sprintf(`{"id":"r","imp":[{"id":"1","video":%s},{"id":"2","native":{"request":%s}}]}`, object, strconv.Quote(request)))
			for i, c := range []*Creative{compiled(t, video), compiled(t, n)} {
				if why := c.Check(&Query{}, &r.Imps[i], r); (why == openrtb.None) != tt.want {
					t.Errorf("%s: %v", c.Format, why)
				}
			}
		})
	}
}

// The film goes out in the version that an imp of video would get.
func TestNativeVideoIsInTheBestVersion(t *testing.T) {
	d := aNative()
	d.Native = &campaign.Native{Video: &campaign.Media{DurationMS: 15_000, Files: []campaign.MediaFile{
		{URL: "https://cdn.example.com/a.mp4", MIME: "video/mp4", W: 1280, H: 720},
	}}}
	c := compiled(t, d)
	for protocols, want := range map[string]string{`[2,3,7,13]`: "4.2", `[7,3]`: "4.0", `[3]`: "3.0", `[2]`: "2.0", `[]`: "3.0", `[11]`: "4.1", `[4]`: ""} {
		request := fmt.Sprintf(`{"assets":[{"id":1,"video":{"protocols":%s}}]}`, protocols)
		r := decoded(t, fmt.Sprintf(`{"id":"r","imp":[{"id":"1","native":{"request":%s}}]}`, strconv.Quote(request)))
		got := ""
		if c.Check(&Query{}, &r.Imps[0], r) == openrtb.None {
			b := openrtb.Bid{Pixel: []byte("https://d.example/p"), Click: []byte("https://d.example/c")}
			_, after, _ := strings.Cut(string(c.Fill(nil, &b, &r.Imps[0], native.Form{})), `<VAST version=`)
			got = after[len(`\\\"`):][:len("4.2")]
		}
		if got != want {
			t.Errorf("%s: %q, want %q", protocols, got, want)
		}
	}
}

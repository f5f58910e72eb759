package bidder

import (
	"strings"
	"testing"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/loadtest/validate"
	"github.com/tangent-dsp/tangent/money"
)

// Companions go where the imp has room for one of them, in its size and of its
// kind, and nowhere else; the ad goes either way.
func TestCompanionsWhereTheyAreAskedFor(t *testing.T) {
	for beside, want := range map[string]bool{
		``:                                     false,
		`,"companionad":[]`:                    false,
		`,"companionad":[{"w":300,"h":250}]`:   true,
		`,"companionad":[{"w":301,"h":250}]`:   false,
		`,"companionad":[{"id":"c1","vcm":1}]`: true, // of any size
		`,"companionad":[{"w":1,"h":1},{"format":[{"w":5,"h":5},{"w":728,"h":90}]}]`: true,
		`,"companionad":[{"format":[{"wratio":6,"hratio":5,"wmin":200}]}]`:           true,
		`,"companionad":[{"format":[{"wratio":6,"hratio":5,"wmin":400}]}]`:           false,
		`,"companionad":[{"wmin":200,"wmax":400,"hmin":200,"hmax":300}]`:             true,
		`,"companionad":{"banner":[{"w":300,"h":250}]}`:                              true, // OpenRTB 2.2
		`,"companionad":[{"w":300,"h":250}],"companiontype":[1]`:                     true,
		`,"companionad":[{"w":300,"h":250}],"companiontype":[2,3]`:                   false,
		`,"companionad":[{"w":728,"h":90}],"companiontype":[2]`:                      true,
	} {
		for _, f := range []campaign.Format{campaign.FormatVideo, campaign.FormatAudio} {
			w := newWorld(t)
			w.item("2", func(li *campaign.LineItem, c *campaign.Creative) {
				of(f, 15)(li, c)
				c.Media.Companions = []campaign.Companion{
					{Size: campaign.Size{W: 300, H: 250}, ImageURL: "https://cdn.example.com/b.png", MIME: "image/png"},
					{Size: campaign.Size{W: 728, H: 90}, Markup: `<a href="${CLICK_URL}">shoes</a>`},
				}
			})
			w.open(money.Unit)
			media := map[campaign.Format]string{campaign.FormatVideo: aVideo, campaign.FormatAudio: anAudio}[f]
			body := taking(strings.TrimSuffix(media, "}") + beside + "}")
			resp := w.post(body)
			bids := w.bids(resp)
			if len(bids) != 1 || strings.Contains(bids[0].AdM, "<Companion ") != want {
				t.Errorf("%s%s: %s", f, beside, resp.Body())
			}
			if strings.Contains(beside, "{\"banner") {
				continue // the other reader knows no OpenRTB 2.2
			}
			r, err := validate.ParseRequest([]byte(body), validate.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if bad := r.Check(resp.Body()); len(bad) > 0 {
				t.Errorf("%s%s: %v", f, beside, bad)
			}
		}
	}
}

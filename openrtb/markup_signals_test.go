package openrtb

import (
	"testing"

	"github.com/tangent-dsp/tangent/event"
)

const everySignal = "${GDPR}|${GDPR_CONSENT_755}|${US_PRIVACY}|${GPP_STRING}|${GPP_SID}|${SITE_DOMAIN}|${APP_BUNDLE}|${CAMPAIGN_ID}|${LINE_ITEM_ID}|${CREATIVE_ID}"

func TestSignalsForThirdParties(t *testing.T) {
	// Given a request with every signal, one of them hostile.
	const hostile = "a\"'<>]]>&=\\"
	b := Bid{ID: event.NewBidID(1, 2), Shown: Shown{7, 8, 9}, Signals: &Signals{
		Consent: &Consent{GDPR: 1, TCF: []byte("CPx.Y-_"), USPrivacy: []byte("1YNN"), GPP: []byte(hostile), GPPSections: []int{2, 6}},
		Site:    []byte("news.example"), App: []byte("com.example.app"),
	}}
	compiled, err := CompileMarkup(everySignal + "|${GDPR_CONSENT_}|${GDPR_CONSENT_x}|${GDPR_CONSENT_1")
	if err != nil {
		t.Fatal(err)
	}

	// When it is written, then each is there, and ends nothing that it stands in.
	const rest = "|${GDPR_CONSENT_}|${GDPR_CONSENT_x}|${GDPR_CONSENT_1"
	const want = "1|CPx.Y-_|1YNN|a%22%27%3C%3E%5D%5D%3E%26%3D%5C|2%2C6|news.example|com.example.app|7|8|9" + rest
	if got := string(compiled.Append(nil, &b)); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	dst := make([]byte, 0, 1024)
	if n := testing.AllocsPerRun(100, func() { compiled.Append(dst, &b) }); n != 0 {
		t.Errorf("%v allocations", n)
	}

	// What is not known is empty.
	b.Signals.Consent = &Consent{GDPR: -1}
	if got := string(compiled.Append(nil, &b)); got != "|||||news.example|com.example.app|7|8|9"+rest {
		t.Errorf("%s", got)
	}
	b.Signals = nil
	if got := string(compiled.Append(nil, &b)); got != "|||||||7|8|9"+rest {
		t.Errorf("%s", got)
	}
}

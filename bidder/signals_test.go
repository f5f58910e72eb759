package bidder

import (
	"strings"
	"testing"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/money"
)

// Protocol point 10: what third parties have to know of the request is in the
// markup that calls them.
func TestProtocol10ThirdPartiesAreToldOfConsent(t *testing.T) {
	// Given a creative with a vendor's tracker.
	w := newWorld(t)
	w.item("2", func(_ *campaign.LineItem, c *campaign.Creative) {
		c.ImpressionTrackers = []string{"https://t.example.net/i?gdpr=${GDPR}&c=${GDPR_CONSENT_755}&gpp=${GPP_STRING}&s=${GPP_SID}&l=${LINE_ITEM_ID}"}
	})
	w.open(money.Unit)

	// When a request says what its user consented to.
	bids := w.bids(w.post(strings.Replace(strings.Replace(plain, `"user":{`, `"user":{"consent":"CP-x_.Y",`, 1), `"at":1`, `"regs":{"gdpr":1,"gpp":"DBA~B","gpp_sid":[2,6]}`, 1)))

	// Then the tracker is told.
	if len(bids) != 1 || !strings.Contains(bids[0].AdM, "i?gdpr=1&amp;c=CP-x_.Y&amp;gpp=DBA~B&amp;s=2%2C6&amp;l=") {
		t.Errorf("%+v", bids)
	}
}

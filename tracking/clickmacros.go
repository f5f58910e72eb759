package tracking

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/openrtb"
)

// fillMacros writes into where a click leads what its token says: our ids, and
// digits that differ from bid to bid. A banner's click trackers stand in each
// other's queries, so macros are escaped once for each that is before them;
// digits look the same however often they are. What only the request said is
// left as it is.
func fillMacros(target string, t *openrtb.Token) string {
	escaped := "${"
	for depth := 0; depth <= campaign.MaxTrackers; depth++ {
		if strings.Contains(target, escaped) {
			for name, value := range map[string]int64{
				"CAMPAIGN_ID": int64(t.Campaign), "LINE_ITEM_ID": int64(t.LineItem), "CREATIVE_ID": int64(t.Creative),
				"CACHEBUSTER": int64(openrtb.CacheBuster(t.Bid)),
			} {
				macro := "${" + name + "}"
				for range depth {
					macro = url.QueryEscape(macro)
				}
				target = strings.ReplaceAll(target, macro, strconv.FormatInt(value, 10))
			}
		}
		escaped = url.QueryEscape(escaped)
	}
	return target
}

package tracking

import (
	"bytes"

	"github.com/tangent-dsp/tangent/event"
)

const prefix = "/n/"

// splitPath reads /n/{route}/{token}. The result aliases path.
func splitPath(path []byte) (kind event.Kind, token []byte, ok bool) {
	rest, ok := bytes.CutPrefix(path, []byte(prefix))
	if !ok {
		return 0, nil, false
	}
	route, token, ok := bytes.Cut(rest, []byte("/"))
	if !ok {
		return 0, nil, false
	}
	switch string(route) {
	case "win":
		kind = event.KindWin
	case "bill":
		kind = event.KindBilling
	case "loss":
		kind = event.KindLoss
	case "view":
		kind = event.KindImpression
	case "click":
		kind = event.KindClick
	case "convert":
		kind = event.KindConversion
	default:
		return 0, nil, false
	}
	return kind, token, true
}

package event

import (
	"encoding/binary"
	"fmt"

	"github.com/tangent-dsp/tangent/money"
)

// Hint tells the bidder that holds money for a bid how its auction ended, when
// another machine was told. It is sent once and may be lost: then the hold
// lasts until its deadline, and no money is booked by it either way.
type Hint struct {
	Bid   BidID
	Kind  Kind        // KindWin, KindLoss or KindBilling
	Price money.Nanos // what the notice said, per impression; NoPrice if it said nothing
}

// NoPrice is the price of a hint whose notice told none: all of the bid stays
// held.
const NoPrice money.Nanos = -1

// HintSize is what [AppendHint] appends, in bytes: a version, the kind, the
// bid and the price, big-endian.
const HintSize = 1 + 1 + len(BidID{}) + 8

// hintVersion begins every encoded hint. Bidders ignore versions that they do
// not know, so that machines can be upgraded one by one.
const hintVersion = 1

// AppendHint appends h encoded. Several hints in a row make one message.
func AppendHint(dst []byte, h Hint) []byte {
	dst = append(dst, hintVersion, byte(h.Kind))
	dst = append(dst, h.Bid[:]...)
	return binary.BigEndian.AppendUint64(dst, uint64(h.Price))
}

// DecodeHints calls handle for each hint of a message. It returns an error,
// and has called handle for those before it, at the first that no version of
// this program writes.
func DecodeHints(data []byte, handle func(Hint)) error {
	for n := 0; len(data) > 0; n++ {
		if len(data) < HintSize {
			return fmt.Errorf("cannot decode hint %d: it has %d bytes, want %d", n, len(data), HintSize)
		}
		if data[0] != hintVersion {
			return fmt.Errorf("cannot decode hint %d: version %d, known is %d", n, data[0], hintVersion)
		}
		h := Hint{
			Kind:  Kind(data[1]),
			Bid:   BidID(data[2:18]),
			Price: money.Nanos(binary.BigEndian.Uint64(data[18:])),
		}
		switch h.Kind {
		case KindWin, KindLoss, KindBilling:
		default:
			return fmt.Errorf("cannot decode hint %d: it is of kind %d", n, data[1])
		}
		if h.Price < NoPrice {
			return fmt.Errorf("cannot decode hint %d: its price is %d", n, h.Price)
		}
		handle(h)
		data = data[HintSize:]
	}
	return nil
}

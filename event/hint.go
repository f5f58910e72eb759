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

	// What the notice said of the auction, in its currency; 0 is not said.
	AuctionPrice, MinToWin money.Nanos
	Unpriced               bool // lost for a reason that no price would have changed
}

// NoPrice is the price of a hint whose notice told none: all of the bid stays
// held.
const NoPrice money.Nanos = -1

// Sizes of what [AppendHint] appends, in bytes: a version, the kind, the bid
// and the price, big-endian; of version 2 also the auction's price, the least
// that would have won, and a byte of flags.
const (
	hintSize1 = 1 + 1 + len(BidID{}) + 8
	HintSize  = hintSize1 + 8 + 8 + 1 // at most
)

// The version begins every encoded hint. Bidders ignore versions that they do
// not know, so that machines can be upgraded one by one.
const (
	hintVersion  = 1 // nothing was said of the auction
	hintVersion2 = 2
)

const hintUnpriced = 1 // the flag

// AppendHint appends h encoded. Several hints in a row make one message.
func AppendHint(dst []byte, h Hint) []byte {
	version := byte(hintVersion)
	if h.AuctionPrice != 0 || h.MinToWin != 0 || h.Unpriced {
		version = hintVersion2
	}
	dst = append(dst, version, byte(h.Kind))
	dst = append(dst, h.Bid[:]...)
	dst = binary.BigEndian.AppendUint64(dst, uint64(h.Price))
	if version == hintVersion {
		return dst
	}
	dst = binary.BigEndian.AppendUint64(dst, uint64(h.AuctionPrice))
	dst = binary.BigEndian.AppendUint64(dst, uint64(h.MinToWin))
	if h.Unpriced {
		return append(dst, hintUnpriced)
	}
	return append(dst, 0)
}

// DecodeHints calls handle for each hint of a message. It returns an error,
// and has called handle for those before it, at the first that no version of
// this program writes.
func DecodeHints(data []byte, handle func(Hint)) error {
	for n := 0; len(data) > 0; n++ {
		size := hintSize1
		switch data[0] {
		case hintVersion:
		case hintVersion2:
			size = HintSize
		default:
			return fmt.Errorf("cannot decode hint %d: version %d, known are 1 and 2", n, data[0])
		}
		if len(data) < size {
			return fmt.Errorf("cannot decode hint %d: it has %d bytes, want %d", n, len(data), size)
		}
		h := Hint{
			Kind:  Kind(data[1]),
			Bid:   BidID(data[2:18]),
			Price: money.Nanos(binary.BigEndian.Uint64(data[18:])),
		}
		if size == HintSize {
			h.AuctionPrice = money.Nanos(binary.BigEndian.Uint64(data[hintSize1:]))
			h.MinToWin = money.Nanos(binary.BigEndian.Uint64(data[hintSize1+8:]))
			h.Unpriced = data[hintSize1+16]&hintUnpriced != 0
		}
		switch h.Kind {
		case KindWin, KindLoss, KindBilling:
		default:
			return fmt.Errorf("cannot decode hint %d: it is of kind %d", n, data[1])
		}
		if h.Price < NoPrice || h.AuctionPrice < 0 || h.MinToWin < 0 {
			return fmt.Errorf("cannot decode hint %d: a price of it is below 0", n)
		}
		handle(h)
		data = data[size:]
	}
	return nil
}

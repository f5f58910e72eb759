package loadtest

import (
	"encoding/json"
	"errors"
	"strconv"

	"github.com/prebid/openrtb/v20/openrtb2"
	"github.com/prebid/openrtb/v20/openrtb3"

	"github.com/tangent-dsp/tangent/money"
)

// response is a bid response as it came: the public type, with the prices
// kept as text so that no nano is lost in a float.
type response struct {
	openrtb2.BidResponse
	SeatBid []seatBid `json:"seatbid"`
}

type seatBid struct {
	openrtb2.SeatBid
	Bid []bid `json:"bid"`
}

type bid struct {
	openrtb2.Bid
	Price json.RawMessage `json:"price"`

	amount money.Nanos // the price for one impression, set by check
	pixel  string      // our pixel in adm, set by check
	click  string      // the click redirect in adm, set by check
}

// errResponse says that a body is not a bid response.
var errResponse = errors.New("not a bid response")

// readResponse reads the body of a 200.
func readResponse(body []byte) (*response, error) {
	r := &response{}
	if err := json.Unmarshal(body, r); err != nil {
		return nil, errResponse
	}
	return r, nil
}

// noBid returns the key under which a response without bids is counted.
func (r *response) noBid() string { return reasonKey(r.NBR) }

// noTime is that key where too little time was left.
var noTime = reasonKey(ptr(openrtb3.NoBidInsufficientTime))

func reasonKey(nbr *openrtb3.NoBidReason) string {
	if nbr == nil {
		return "empty"
	}
	return "nbr_" + strconv.Itoa(int(*nbr))
}

// skimResponse reads of the body of a 200 how many bids it has and, if there
// are none, the key under which that is counted. It takes a third of the time
// of readResponse.
func skimResponse(body []byte) (bids int, reason string, err error) {
	var r struct {
		ID      string                `json:"id"`
		NBR     *openrtb3.NoBidReason `json:"nbr"`
		SeatBid []struct {
			Bid []struct{} `json:"bid"`
		} `json:"seatbid"`
	}
	if err := json.Unmarshal(body, &r); err != nil {
		return 0, "", errResponse
	}
	for _, s := range r.SeatBid {
		bids += len(s.Bid)
	}
	return bids, reasonKey(r.NBR), nil
}

// bids returns how many bids the response has.
func (r *response) bids() (n int) {
	for i := range r.SeatBid {
		n += len(r.SeatBid[i].Bid)
	}
	return n
}

// maxPrice is the highest price for one impression that is taken seriously,
// and keeps any sum of them far from overflow.
const maxPrice = 1000 * money.Unit

// parsePrice reads a price per thousand impressions. It must be a JSON number
// with no more decimals than a nano per impression can show.
func parsePrice(text []byte) (money.Nanos, bool) {
	if len(text) == 0 || text[0] < '0' || text[0] > '9' {
		return 0, false
	}
	n, err := money.ParseCPM(text)
	if err != nil || n <= 0 || n > maxPrice {
		return 0, false
	}
	for i, c := range text {
		switch {
		case c == 'e' || c == 'E':
			return 0, false
		case c == '.' && len(text)-i-1 > 6:
			return 0, false
		}
	}
	return n, true
}

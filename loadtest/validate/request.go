package validate

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/prebid/openrtb/v20/adcom1"
	"github.com/prebid/openrtb/v20/openrtb2"
)

// Options is what an exchange agrees on with its bidders, beside requests.
type Options struct {
	// Rates is what one unit of a currency is worth in a common one. A floor
	// in another currency than the bid's is not comparable without.
	Rates map[string]*big.Rat
	// WantBURL says that bids need a billing notice URL.
	WantBURL bool
	// Parents returns the category above one, or empty. Those of Content
	// Taxonomy 1.0 are known without.
	Parents func(taxonomy int64, category string) string
}

// Request is a bid request that responses are held against. It is immutable.
type Request struct {
	openrtb2.BidRequest
	options Options
	natives []*nativeRequest // by imp; nil where there is none that can be read
}

// ParseRequest reads a bid request. Fields of a wrong type are as if absent.
func ParseRequest(body []byte, o Options) (*Request, error) {
	r := &Request{options: o}
	var mistyped *json.UnmarshalTypeError
	// After such an error the rest was decoded.
	if err := json.Unmarshal(body, &r.BidRequest); err != nil && !errors.As(err, &mistyped) {
		return nil, fmt.Errorf("cannot read bid request: %w", err)
	}
	for i := range r.Imp {
		r.natives = append(r.natives, readNativeRequest(r.Imp[i].Native))
	}
	return r, nil
}

// bidResponse is a bid response, with what must be looked at as it was written.
type bidResponse struct {
	ID      string    `json:"id"`
	Cur     string    `json:"cur"`
	SeatBid []seatBid `json:"seatbid"`
}

type seatBid struct {
	Seat string `json:"seat"`
	Bid  []bid  `json:"bid"`
}

type bid struct {
	openrtb2.Bid
	Price json.RawMessage `json:"price"`
	AdM   json.RawMessage `json:"adm"`
}

// Check returns what is wrong with a response; nil when nothing is. A response
// without bids is held to its id alone.
func (r *Request) Check(body []byte) []Violation {
	c := &checker{Request: r, seat: -1, bid: -1}
	var resp bidResponse
	if err := json.Unmarshal(body, &resp); err != nil {
		c.add(JSON, "%v", err)
		return c.found
	}
	if resp.ID != r.ID {
		c.add(ResponseID, "%q", resp.ID)
	}
	c.currency = resp.Cur
	if c.currency == "" {
		c.currency = "USD"
	}
	if len(resp.SeatBid) > 0 && !asked(r.Cur, c.currency) {
		c.add(Currency, "%q", c.currency)
	}
	seen := map[string]bool{}
	for s := range resp.SeatBid {
		sb := &resp.SeatBid[s]
		c.seat, c.bid = s, -1
		c.checkSeat(sb.Seat)
		for b := range sb.Bid {
			c.bid = b
			if id := sb.Bid[b].ID; id == "" || seen[id] {
				c.add(BidID, "%q", id)
			} else {
				seen[id] = true
			}
			c.checkBid(sb.Seat, &sb.Bid[b])
		}
	}
	c.checkPods()
	return c.found
}

// asked says whether bids may be in a currency.
func asked(list []string, currency string) bool {
	if len(list) == 0 {
		return currency == "USD"
	}
	return contains(list, currency)
}

// checker judges one response.
type checker struct {
	*Request
	currency  string
	seat, bid int
	found     []Violation
	taken     []taken
}

// taken is a bid for an imp, for what is judged over several of them.
type taken struct {
	seat, bid, imp int
	deal           string
	seconds        int64
	slot           adcom1.SlotPositionInPod
}

func (c *checker) add(code Code, format string, args ...any) {
	detail := fmt.Sprintf(format, args...)
	if len(detail) > 200 {
		detail = strings.ToValidUTF8(detail[:200], "") + "..."
	}
	c.found = append(c.found, Violation{code, c.seat, c.bid, detail})
}

// checkSeat holds a seat to wseat and bseat (section 3.2.1); at most one of
// them should be there.
func (c *checker) checkSeat(seat string) {
	if len(c.WSeat) > 0 && !contains(c.WSeat, seat) || contains(c.BSeat, seat) {
		c.add(Seat, "%q", seat)
	}
}

// checkBid judges a bid: what it is for, what it costs, what it shows.
func (c *checker) checkBid(seat string, b *bid) {
	at := -1
	for i := range c.Imp {
		if c.Imp[i].ID == b.ImpID {
			at = i
			break
		}
	}
	if at < 0 {
		c.add(ImpID, "%q", b.ImpID)
		return
	}
	c.checkFields(b)
	c.checkURLs(b)
	c.checkBlocks(b)
	seconds := c.checkCreative(b, at)
	c.checkPrice(b, seat, &c.Imp[at], seconds)
	for _, t := range c.taken {
		if t.imp == at && t.deal == b.DealID && podOf(&c.Imp[at]) == nil {
			c.add(Duplicate, "imp %q", b.ImpID)
			break
		}
	}
	c.taken = append(c.taken, taken{c.seat, c.bid, at, b.DealID, seconds, b.SlotInPod})
}

// checkFields judges what exchanges want beside the few fields that the
// specification requires.
func (c *checker) checkFields(b *bid) {
	if b.CrID == "" {
		c.add(CrID, "missing")
	}
	if b.CID == "" {
		c.add(CID, "missing")
	}
	if len(b.ADomain) == 0 {
		c.add(ADomain, "missing")
	}
	for _, d := range b.ADomain {
		if !strings.Contains(strings.Trim(d, "."), ".") || strings.ContainsAny(d, "/:?#@ ") {
			c.add(ADomain, "%q is not a bare domain", d)
		}
	}
	if b.Cat == nil {
		c.add(Cat, "missing")
	}
	if b.Attr == nil {
		c.add(Attr, "missing")
	}
	if b.Exp < 0 {
		c.add(Exp, "%d", b.Exp)
	}
}

func contains[T comparable](list []T, v T) bool {
	for _, x := range list {
		if x == v {
			return true
		}
	}
	return false
}

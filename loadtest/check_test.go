package loadtest

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/tangent-dsp/tangent/money"
)

const goodBid = `{"id":"b1","impid":"1","price":1.25,"crid":"7","cid":"3","adomain":["shop.example.com"],
	"cat":["IAB3-1"],"attr":[2],"w":300,"h":250,"mtype":1,
	"nurl":"http://127.0.0.1:8080/n/win/t?p=${AUCTION_PRICE}","burl":"http://[::1]:8080/n/bill/t",
	"lurl":"http://localhost:8080/n/loss/t",
	"adm":"<a href=\"http://127.0.0.1:8080/n/click/t\"><img src=\"https://cdn.example.com/a.png\"></a><img src=\"http://127.0.0.1:8080/n/view/t?a=1&amp;b=2\">"}`

// checkedRequest is a request of an exchange that bills on notices.
func checkedRequest() bidRequest {
	return bidRequest{
		id:       "r1",
		exchange: &Exchange{Name: "alpha", AuctionType: 1, Billing: BillOnNotice},
		imps:     []imp{{id: "1", floor: 500 * money.Micro}},
		body: []byte(`{"id":"r1","bcat":["IAB7","IAB9-9"],"badv":["blocked.example.com"],"imp":[{"id":"1","secure":1,"bidfloor":0.5,
			"banner":{"format":[{"w":300,"h":250},{"w":320,"h":50}],"battr":[6]}}]}`),
	}
}

// judged returns what is wrong with a response whose first bid is looked at.
func judged(t testing.TB, r *bidRequest, body []byte) violation {
	t.Helper()
	v, _ := judgedBid(t, r, body)
	return v
}

func judgedBid(t testing.TB, r *bidRequest, body []byte) (violation, *bid) {
	t.Helper()
	resp, err := readResponse(body)
	if err != nil {
		t.Fatal(err)
	}
	found, err := r.judge(body)
	if err != nil {
		t.Fatal(err)
	}
	if found.response.kind != "" || resp.bids() == 0 {
		return found.response, nil
	}
	b := &resp.SeatBid[0].Bid[0]
	_, v := b.prepare(r, nil, found.bids[[2]int{}])
	return v, b
}

func TestBidsAreChecked(t *testing.T) {
	request := checkedRequest()
	for _, tt := range []struct{ want, old, new string }{
		{"", "", ""},
		{"", `"price":1.25`, `"price":0.5`}, // the floor itself
		{"", `"IAB3-1"`, `"IAB17"`},
		{"", `"IAB3-1"`, `"IAB9"`},
		{"", `"w":300,"h":250`, `"w":320,"h":50`},
		{"", `"shop.example.com"`, `"unblocked.example.com"`},
		{"impid", `"impid":"1"`, `"impid":"2"`},
		{"bid_id", `"id":"b1"`, `"id":""`},
		{"price", `"price":1.25`, `"price":"1.25"`},
		{"price", `"price":1.25`, `"price":0`},
		{"price", `"price":1.25`, `"price":-1`},
		{"price", `"price":1.25`, `"price":null`},
		{"price", `"price":1.25`, `"price":1.2345678`},
		{"price", `"price":1.25`, `"price":1e9`},
		{"price", `"price":1.25,`, ``},
		{"below_floor", `"price":1.25`, `"price":0.499999`},
		{"crid", `"crid":"7",`, ``},
		{"cid", `"cid":"3",`, ``},
		{"adomain", `"adomain":["shop.example.com"],`, ``},
		{"adomain", `"shop.example.com"`, `"https://shop.example.com"`},
		{"mtype", `"mtype":1`, `"mtype":2`},
		{"size", `"w":300,"h":250`, `"w":250,"h":300`},
		{"size", `"w":300,"h":250,`, ``},
		{"badv", `"shop.example.com"`, `"blocked.example.com"`},
		{"badv", `"shop.example.com"`, `"a.Blocked.example.com"`},
		{"bcat", `"IAB3-1"`, `"IAB7"`},
		{"bcat", `"IAB3-1"`, `"IAB7-39"`},
		{"bcat", `"IAB3-1"`, `"IAB9-9"`},
		{"battr", `"attr":[2]`, `"attr":[2,6]`},
		{"nurl", `http://127.0.0.1:8080/n/win`, `/n/win`},
		{"nurl", `http://127.0.0.1:8080/n/win`, `http://192.0.2.9/n/win`},
		{"burl", `http://[::1]:8080/n/bill`, `http://127.0.0.1@example.com/n/bill`},
		{"burl", `"burl":"http://[::1]:8080/n/bill/t",`, ``},
		{"lurl", `http://localhost:8080/n/loss`, `https://localhost:8080/n/loss`},
		{"pixel", `<img src=\"http://127.0.0.1:8080/`, `<img src=\"https://pixel.example.com/`},
		{"secure", `https://cdn.example.com`, `http://cdn.example.com`},
	} {
		t.Run(tt.want+tt.new, func(t *testing.T) {
			text := strings.Replace(goodBid, tt.old, tt.new, 1)
			if tt.old != "" && text == goodBid {
				t.Fatal("the case changes nothing")
			}
			v, b := judgedBid(t, &request, []byte(`{"id":"r1","seatbid":[{"bid":[`+text+`]}]}`))
			if v.kind != tt.want {
				t.Errorf("got violation %q, want %q", v.kind, tt.want)
			}
			if tt.want == "" && (b.pixel != "http://127.0.0.1:8080/n/view/t?a=1&b=2" || b.click != "http://127.0.0.1:8080/n/click/t") {
				t.Errorf("pixel %q, click %q", b.pixel, b.click)
			}
		})
	}
}

func TestResponsesAreChecked(t *testing.T) {
	request := checkedRequest()
	for text, want := range map[string]string{
		`{"id":"r1"}`: "",
		`{"id":"r1","cur":"USD","seatbid":[{"bid":[` + goodBid + `]}]}`: "",
		`{"id":"r2"}`: "response_id",
		`{}`:          "response_id",
		`{"id":"r1","cur":"EUR","seatbid":[{"bid":[` + goodBid + `]}]}`: "currency",
	} {
		if v := judged(t, &request, []byte(text)); v.kind != want {
			t.Errorf("%s: got %q, want %q", text, v.kind, want)
		}
	}
	for _, text := range []string{"", "[]x", `{"id":1}`, `{"seatbid":[{"bid":[{"w":"300"}]}]}`} {
		if _, err := readResponse([]byte(text)); err == nil {
			t.Errorf("%q was read", text)
		}
	}
}

func FuzzCheck(f *testing.F) {
	f.Add([]byte(`{"id":"r1","seatbid":[{"bid":[` + goodBid + `]}]}`))
	f.Add([]byte(`{"id":"r1","nbr":2}`))
	request := checkedRequest()
	f.Fuzz(func(t *testing.T, body []byte) {
		resp, err := readResponse(body)
		if err != nil {
			if json.Valid(body) && strings.HasPrefix(string(body), `{"id":"r1"}`) {
				t.Error("a response without bids was refused")
			}
			return
		}
		found, err := request.judge(body)
		if err != nil {
			t.Fatal(err)
		}
		for i := range resp.SeatBid {
			for k := range resp.SeatBid[i].Bid {
				b := &resp.SeatBid[i].Bid[k]
				if _, v := b.prepare(&request, nil, found.bids[[2]int{i, k}]); v.kind == "" && (b.amount < 1 || b.amount > maxPrice || !reach(nil).url(b.pixel)) {
					t.Errorf("accepted %s", body)
				}
			}
		}
	})
}

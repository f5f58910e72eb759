package loadtest

import "testing"

func BenchmarkWriteRequest(b *testing.B) {
	w := newWriter(b, 1)
	var r bidRequest
	size, seq := 0, uint64(0)
	for b.Loop() {
		seq++
		w.write(&r, seq, noon)
		size += len(r.body)
	}
	b.ReportMetric(float64(size)/float64(seq), "B/request")
}

func BenchmarkReadAndCheck(b *testing.B) {
	request := bidRequest{
		id: "r1", exchange: &Exchange{Billing: BillOnNotice}, blocks: &blocks{},
		imps: []imp{{id: "1", floor: 1, slot: &slot{sizes: []size{{300, 250}}}}},
	}
	body := []byte(`{"id":"r1","seatbid":[{"bid":[` + goodBid + `]}]}`)
	for b.Loop() {
		resp, err := readResponse(body)
		if err != nil {
			b.Fatal(err)
		}
		if _, v := resp.SeatBid[0].Bid[0].check(&request); v.kind != "" {
			b.Fatal(v.kind)
		}
	}
}

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
	request := checkedRequest()
	body := []byte(`{"id":"r1","seatbid":[{"bid":[` + goodBid + `]}]}`)
	for b.Loop() {
		if v := judged(b, &request, body); v.kind != "" {
			b.Fatal(v.kind)
		}
	}
}

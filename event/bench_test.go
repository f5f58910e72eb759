package event

import "testing"

func BenchmarkEncode(b *testing.B) {
	var c Encoder
	e := goldenV1().Events[0]
	buf := make([]byte, 0, 4096)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.AppendEvent(buf, &e); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	golden := goldenV1()
	data, err := AppendBatch(nil, &golden)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := DecodeBatch(data); err != nil {
			b.Fatal(err)
		}
	}
}

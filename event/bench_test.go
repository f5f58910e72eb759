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

// BenchmarkDecode decodes batches of a hundred events.
func BenchmarkDecode(b *testing.B) {
	golden := goldenV1()
	for e := golden.Events[0]; len(golden.Events) < 100; {
		golden.Events = append(golden.Events, e)
	}
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

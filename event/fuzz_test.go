package event

import (
	"bytes"
	"testing"

	"google.golang.org/protobuf/proto"
)

// Whatever bytes are on disk, decoding ends without a panic; and what it
// accepts is the same after passing through.
func FuzzDecodeBatch(f *testing.F) {
	golden := goldenV1()
	data, err := AppendBatch(nil, &golden)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add(data[:len(data)/2])
	f.Add(AppendHeader(nil, 1, 1))
	f.Add([]byte{})
	f.Add(append(bytes.Clone(data), 0xa8, 0x1f, 0x4d)) // a field that nobody knows
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := DecodeBatch(data)
		if err != nil {
			return
		}
		once, err := AppendBatch(nil, &b)
		if err != nil {
			t.Fatal(err)
		}
		b, err = DecodeBatch(once)
		if err != nil {
			t.Fatalf("cannot decode what was encoded: %v", err)
		}
		twice, err := AppendBatch(nil, &b)
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("a second round trip gives\n%x, want\n%x (%v)", twice, once, err)
		}
	})
}

func marshal(t *testing.T, m proto.Message) []byte {
	t.Helper()
	data, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func unmarshal(t *testing.T, data []byte, m proto.Message) {
	t.Helper()
	if err := proto.Unmarshal(data, m); err != nil {
		t.Fatal(err)
	}
}

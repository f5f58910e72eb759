package openrtb

import "testing"

func TestQuickSeal(t *testing.T) {
	k, err := NewKeyring([]Key{{ID: 1, Secret: make([]byte, 32)}})
	if err != nil { t.Fatal(err) }
	tok := Token{NodeCount: 2, UserKey: make([]byte, 17)}
	dst := make([]byte, 0, 1024)
	t.Log(len(k.Seal(dst, ForBilling, &tok)))
	t.Log(testing.AllocsPerRun(100, func() { dst = k.Seal(dst[:0], ForBilling, &tok) }))
	var o Token
	t.Log(k.Open(ForBilling, dst, &o), k.Open(ForView, dst, &o))
	t.Log(testing.AllocsPerRun(100, func() { k.Open(ForBilling, dst, &o) }))
}
func BenchmarkSeal(b *testing.B) {
	k, _ := NewKeyring([]Key{{ID: 1, Secret: make([]byte, 32)}})
	tok := Token{NodeCount: 2, UserKey: make([]byte, 17)}
	dst := make([]byte, 0, 1024)
	for b.Loop() { dst = k.Seal(dst[:0], ForBilling, &tok) }
}

package ledger

import (
	"bytes"
	"context"
	"math/rand/v2"
	"testing"
	"time"
)

// testMemory wants back what was kept last, whatever its size, and the same
// from a backup.
func testMemory(t *testing.T, w *world) {
	ctx := context.Background()
	if got, at, err := w.Recall(ctx, "prices"); err != nil || got != nil || !at.IsZero() {
		t.Fatalf("before anything was kept: %q of %v, %v", got, at, err)
	}
	random := rand.New(rand.NewPCG(1, 1))
	large := make([]byte, 3*memoryPart) // that does not pack
	for i := range large {
		large[i] = byte(random.Uint32())
	}
	for _, want := range [][]byte{[]byte("first"), large, []byte("second")} {
		w.clock.Advance(time.Minute)
		if err := w.Keep(ctx, "prices", want); err != nil {
			t.Fatal(err)
		}
		if err := w.Keep(ctx, "other", []byte("x")); err != nil {
			t.Fatal(err)
		}
		got, at, err := w.Recall(ctx, "prices")
		if err != nil || !bytes.Equal(got, want) || !at.Equal(w.clock.Now()) {
			t.Fatalf("recalled %d bytes of %v, %v; kept %d at %v", len(got), at, err, len(want), w.clock.Now())
		}
	}
	backup, _ := w.backedUp()
	if got, _, err := w.restored(t, newFile, backup).Recall(ctx, "prices"); err != nil || string(got) != "second" {
		t.Errorf("a restored database recalls %q, %v", got, err)
	}
	if err := w.Keep(ctx, "", nil); err == nil {
		t.Error("a memory without a name was kept")
	}
	for _, spoil := range []string{`'%'`, `'AAAA'`} {
		if _, err := w.store.DB().Exec(`UPDATE pacing_memory SET content = ` + spoil); err != nil {
			t.Fatal(err)
		}
		if _, _, err := w.Recall(ctx, "prices"); err == nil {
			t.Errorf("what is %s was recalled", spoil)
		}
	}
}

// testEpochs wants epochs to grow, beside incarnations.
func testEpochs(t *testing.T, w *world) {
	ctx := context.Background()
	last := uint64(0)
	for range 3 {
		for _, next := range []func() (uint64, error){
			func() (uint64, error) { return w.Epoch(ctx) },
			func() (uint64, error) { return w.Open(ctx, "a") },
		} {
			n, err := next()
			if err != nil || n <= last || n < uint64(w.clock.Now().UnixMilli()) {
				t.Fatalf("%d came after %d: %v", n, last, err)
			}
			last = n
		}
	}
}

package bitstring

import (
	"encoding/base64"
	"testing"

	"pgregory.net/rapid"
)

// writer collects bits, most significant first.
type writer struct{ bits []byte }

func (w *writer) put(v uint64, n int) {
	for i := n - 1; i >= 0; i-- {
		w.bits = append(w.bits, byte(v>>i&1))
	}
}

// fibonacci writes a number the way the specification tells it: the largest
// number of the sequence first, then what is left.
func (w *writer) fibonacci(n int) {
	sequence := []int{1, 2}
	for sequence[len(sequence)-1] < n {
		sequence = append(sequence, sequence[len(sequence)-1]+sequence[len(sequence)-2])
	}
	code := []byte{}
	for i := len(sequence) - 1; i >= 0; i-- {
		bit := byte(0)
		if sequence[i] <= n {
			n -= sequence[i]
			bit = 1
		}
		if bit == 1 || len(code) > 0 {
			code = append([]byte{bit}, code...)
		}
	}
	w.bits = append(append(w.bits, code...), 1)
}

// text is what the bits are in base64, with at least padding bits of zero after
// them.
func (w *writer) text(padding int) []byte {
	bits := append([]byte(nil), w.bits...)
	bits = append(bits, make([]byte, padding)...)
	for len(bits)%6 != 0 {
		bits = append(bits, 0)
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	var text []byte
	for ; len(bits) > 0; bits = bits[6:] {
		v := 0
		for _, b := range bits[:6] {
			v = v<<1 | int(b)
		}
		text = append(text, alphabet[v])
	}
	return text
}

func TestFibonacciCodes(t *testing.T) {
	for code, want := range map[string]int{"11": 1, "011": 2, "0011": 3, "1011": 4, "00011": 5, "10011": 6, "01011": 7} {
		var w writer
		for _, c := range code {
			w.put(uint64(c-'0'), 1)
		}
		r := New(w.text(0))
		if got := r.Fibonacci(); got != want || r.Bad() || r.Pos() != len(code) || !r.Ends() {
			t.Errorf("%s: got %d after %d bits, want %d", code, got, r.Pos(), want)
		}
	}
}

// Numbers of all kinds that stand one after another read back.
func TestNumbersReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var w writer
		numbers := rapid.SliceOfN(rapid.IntRange(1, 1<<16-1), 1, 20).Draw(t, "numbers")
		fixed := rapid.SliceOfN(rapid.Bool(), len(numbers), len(numbers)).Draw(t, "fixed")
		for i, n := range numbers {
			if fixed[i] {
				w.put(uint64(n), 16)
			} else {
				w.fibonacci(n)
			}
		}
		r := New(w.text(rapid.IntRange(0, 5).Draw(t, "padding")))
		for i, n := range numbers {
			read := r.Fibonacci
			if fixed[i] {
				read = func() int { return r.Int(16) }
			}
			if got := read(); got != n || r.Bad() {
				t.Fatalf("number %d: got %d, want %d", i, got, n)
			}
		}
		if !r.Ends() {
			t.Fatal("does not end")
		}
	})
}

func TestFibonacciIsBounded(t *testing.T) {
	for _, text := range []string{"", "A", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "VVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVV", "!w"} {
		r := New([]byte(text))
		if got := r.Fibonacci(); got != 0 || !r.Bad() {
			t.Errorf("%q: got %d", text, got)
		}
	}
}

func TestEnds(t *testing.T) {
	for _, tt := range []struct {
		text string
		read int
		want bool
	}{
		{"w", 2, true}, {"wA", 2, true}, {"wAA", 2, false}, {"wB", 2, false}, {"w", 6, true}, {"w", 7, false}, {"w=", 2, true},
	} {
		r := New([]byte(tt.text))
		r.Advance(tt.read)
		if r.Ends() != tt.want {
			t.Errorf("%q after %d bits: ends %v", tt.text, tt.read, r.Ends())
		}
	}
}

// The bit reader agrees with a decoder that goes through bytes.
func FuzzBits(f *testing.F) {
	f.Add([]byte{0xff, 0x01, 0x80}, uint8(5))
	f.Fuzz(func(t *testing.T, data []byte, width uint8) {
		n := int(width)%36 + 1
		b := New([]byte(base64.RawURLEncoding.EncodeToString(data)))
		for at := 0; at+n <= 8*len(data); at += n {
			var want uint64
			for i := at; i < at+n; i++ {
				want = want<<1 | uint64(data[i/8]>>(7-i%8)&1)
			}
			if got := b.Uint(n); got != want || b.Bad() {
				t.Fatalf("bits %d to %d: got %d, want %d", at, at+n, got, want)
			}
		}
	})
}

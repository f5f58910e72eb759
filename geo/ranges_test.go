package geo

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Sorting and joining must not change what is in a set.
func TestRangesContainWhatAPrefixContains(t *testing.T) {
	address := rapid.Custom(func(t *rapid.T) netip.Addr {
		if rapid.Bool().Draw(t, "four") {
			return netip.AddrFrom4([4]byte(rapid.SliceOfN(rapid.ByteRange(0, 3), 4, 4).Draw(t, "bytes")))
		}
		return netip.AddrFrom16([16]byte(rapid.SliceOfN(rapid.ByteRange(0, 1), 16, 16).Draw(t, "bytes")))
	})
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) netip.Prefix {
			a := address.Draw(t, "address")
			return netip.PrefixFrom(a, rapid.IntRange(0, a.BitLen()).Draw(t, "bits"))
		}), 0, 20).Draw(t, "list")
		set, err := NewRanges(list)
		if err != nil {
			t.Fatal(err)
		}
		a := address.Draw(t, "a").Unmap()
		want := false
		for _, p := range list {
			want = want || p.Contains(a) || p.Addr().Is4In6() && p.Bits() >= 96 && a.Is4() && netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96).Contains(a)
		}
		if got := set.Contains(a); got != want {
			t.Fatalf("%v in %v: %v, want %v", a, list, got, want)
		}
		if one := netip.PrefixFrom(a, a.BitLen()); set.Covers(one) != want || set.Overlaps(one) != want {
			t.Fatalf("%v in %v: covered %v, overlaps %v, want %v", one, list, set.Covers(one), set.Overlaps(one), want)
		}
	})
}

// A part of a network is in a range when all of it is, and overlaps one when
// any of it is.
func TestRangesCoverAndOverlapPrefixes(t *testing.T) {
	prefix := rapid.Custom(func(t *rapid.T) netip.Prefix {
		if rapid.Bool().Draw(t, "four") {
			return netip.PrefixFrom(netip.AddrFrom4([4]byte(rapid.SliceOfN(rapid.ByteRange(0, 1), 4, 4).Draw(t, "bytes"))), rapid.IntRange(0, 32).Draw(t, "bits"))
		}
		b := [16]byte{0: 0x20}
		copy(b[5:], rapid.SliceOfN(rapid.ByteRange(0, 1), 11, 11).Draw(t, "bytes"))
		return netip.PrefixFrom(netip.AddrFrom16(b), rapid.IntRange(0, 128).Draw(t, "bits"))
	})
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(prefix, 0, 10).Draw(t, "list")
		set, err := NewRanges(list)
		if err != nil {
			t.Fatal(err)
		}
		p := prefix.Draw(t, "p")
		covers, overlaps := false, false
		for _, r := range list {
			covers = covers || r.Bits() <= p.Bits() && r.Contains(p.Addr())
			overlaps = overlaps || r.Overlaps(p)
		}
		if set.Covers(p) != covers || set.Overlaps(p) != overlaps {
			t.Fatalf("%v in %v: covers %v, want %v; overlaps %v, want %v", p, list, set.Covers(p), covers, set.Overlaps(p), overlaps)
		}
	})
	if none := (*Ranges)(nil); none.Covers(netip.MustParsePrefix("::/0")) || none.Overlaps(netip.MustParsePrefix("::/0")) {
		t.Error("no ranges have some")
	}
}

func TestReadRanges(t *testing.T) {
	set, err := ReadRanges(strings.NewReader("\xef\xbb\xbf# comment\n\n192.0.2.0/24 # a\n198.51.100.7,AS64500,Example\r\n2001:db8::/32\t; b\n"))
	if err != nil {
		t.Fatal(err)
	}
	if set.Len() != 3 || !set.Contains(netip.MustParseAddr("192.0.2.255")) || !set.Contains(netip.MustParseAddr("::ffff:198.51.100.7")) ||
		!set.Contains(netip.MustParseAddr("2001:db8:ffff::1")) || set.Contains(netip.MustParseAddr("198.51.100.8")) || set.Contains(netip.Addr{}) {
		t.Errorf("%+v", set)
	}
	if (*Ranges)(nil).Contains(netip.MustParseAddr("192.0.2.1")) {
		t.Error("nothing contains something")
	}
	for _, bad := range []string{"192.0.2.0/33", "192.0.2", "example.com", "fe80::1%eth0"} {
		if _, err := ReadRanges(strings.NewReader("192.0.2.1\n" + bad)); err == nil || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func FuzzRanges(f *testing.F) {
	f.Add([]byte("192.0.2.0/24\n2001:db8::/32"), []byte{192, 0, 2, 1})
	f.Add([]byte("0.0.0.0/0\n::/0\n::ffff:0:0/95"), make([]byte, 16))
	f.Fuzz(func(t *testing.T, list, address []byte) {
		set, err := ReadRanges(bytes.NewReader(list))
		a, ok := netip.AddrFromSlice(address)
		if err == nil && ok {
			set.Contains(a)
		}
	})
}

func BenchmarkRangesContains(b *testing.B) {
	var list []netip.Prefix
	for i := range 100_000 {
		list = append(list, netip.PrefixFrom(netip.AddrFrom4([4]byte{byte(i >> 9), byte(i >> 1), byte(i << 7), 0}), 26))
	}
	set, err := NewRanges(list)
	if err != nil {
		b.Fatal(err)
	}
	a := netip.MustParseAddr("98.51.100.7")
	b.ReportAllocs()
	for b.Loop() {
		set.Contains(a)
	}
}

package geo

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
)

// MaxRanges bounds the ranges of one set: the largest published lists of data
// centres have some 100,000.
const MaxRanges = 2_000_000

// Ranges is an immutable set of addresses, as sorted ranges without overlap: 8
// bytes per range of IPv4, 32 per range of IPv6. A radix tree would answer
// which range, in several times the memory; here only whether counts.
type Ranges struct {
	four []span[uint32]
	six  []span[wide]
}

type span[T any] struct{ first, last T }

// wide is an IPv6 address.
type wide struct{ high, low uint64 }

func (a wide) compare(b wide) int {
	return cmp.Or(cmp.Compare(a.high, b.high), cmp.Compare(a.low, b.low))
}

// NewRanges makes a set. An IPv4 range in an IPv6 one's clothes is an IPv4
// range.
func NewRanges(list []netip.Prefix) (*Ranges, error) {
	if len(list) > MaxRanges {
		return nil, fmt.Errorf("cannot use %d address ranges: allowed are %d", len(list), MaxRanges)
	}
	r := &Ranges{}
	for _, p := range list {
		if !p.IsValid() {
			return nil, errors.New("cannot use an address range that is none")
		}
		if p = unmap(p); p.Addr().Is4() {
			r.four = append(r.four, spanOfFour(p))
		} else {
			r.six = append(r.six, spanOfSix(p))
		}
	}
	r.four = merge(r.four, cmp.Compare[uint32])
	r.six = merge(r.six, wide.compare)
	return r, nil
}

func unmap(p netip.Prefix) netip.Prefix {
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		return netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p
}

func spanOfFour(p netip.Prefix) span[uint32] {
	rest := uint32(uint64(1)<<(32-p.Bits()) - 1)
	a := four(p.Addr())
	return span[uint32]{a &^ rest, a | rest}
}

func spanOfSix(p netip.Prefix) span[wide] {
	var rest wide
	if free := 128 - p.Bits(); free > 64 {
		rest = wide{1<<(free-64) - 1, ^uint64(0)}
	} else {
		rest.low = 1<<free - 1 // 1<<64 is 0, less 1 is all ones
	}
	a := six(p.Addr())
	return span[wide]{wide{a.high &^ rest.high, a.low &^ rest.low}, wide{a.high | rest.high, a.low | rest.low}}
}

// merge sorts spans and joins those that overlap.
func merge[T any](all []span[T], compare func(a, b T) int) []span[T] {
	slices.SortFunc(all, func(a, b span[T]) int { return compare(a.first, b.first) })
	kept := all[:0]
	for _, s := range all {
		if n := len(kept); n > 0 && compare(s.first, kept[n-1].last) <= 0 {
			if compare(s.last, kept[n-1].last) > 0 {
				kept[n-1].last = s.last
			}
			continue
		}
		kept = append(kept, s)
	}
	return slices.Clip(kept)
}

// Contains says whether an address is in one of the ranges. It allocates
// nothing. A nil set has none.
func (r *Ranges) Contains(a netip.Addr) bool {
	if r == nil {
		return false
	}
	switch a = a.Unmap(); {
	case a.Is4():
		x := four(a)
		n := upToFour(r.four, x)
		return n > 0 && x <= r.four[n-1].last
	case a.Is6():
		x := six(a)
		n := upToSix(r.six, x)
		return n > 0 && x.compare(r.six[n-1].last) <= 0
	}
	return false
}

// Covers says whether all addresses of p are in one of the ranges, which is
// then as wide as p or wider.
func (r *Ranges) Covers(p netip.Prefix) bool {
	if r == nil || !p.IsValid() {
		return false
	}
	if p = unmap(p); p.Addr().Is4() {
		s := spanOfFour(p)
		n := upToFour(r.four, s.first)
		return n > 0 && s.last <= r.four[n-1].last
	}
	s := spanOfSix(p)
	n := upToSix(r.six, s.first)
	return n > 0 && s.last.compare(r.six[n-1].last) <= 0
}

// Overlaps says whether an address of p is in one of the ranges.
func (r *Ranges) Overlaps(p netip.Prefix) bool {
	if r == nil || !p.IsValid() {
		return false
	}
	if p = unmap(p); p.Addr().Is4() {
		s := spanOfFour(p)
		n := upToFour(r.four, s.last)
		return n > 0 && s.first <= r.four[n-1].last
	}
	s := spanOfSix(p)
	n := upToSix(r.six, s.last)
	return n > 0 && s.first.compare(r.six[n-1].last) <= 0
}

// upToFour and upToSix return how many spans begin at x or before. They are
// written out: through a function that compares, a search takes three times as
// long.
func upToFour(all []span[uint32], x uint32) int {
	low, high := 0, len(all)
	for low < high {
		if mid := int(uint(low+high) >> 1); all[mid].first > x {
			high = mid
		} else {
			low = mid + 1
		}
	}
	return low
}

func upToSix(all []span[wide], x wide) int {
	low, high := 0, len(all)
	for low < high {
		mid := int(uint(low+high) >> 1)
		if f := all[mid].first; f.high > x.high || f.high == x.high && f.low > x.low {
			high = mid
		} else {
			low = mid + 1
		}
	}
	return low
}

// Len is how many ranges there are, overlaps joined.
func (r *Ranges) Len() int {
	if r == nil {
		return 0
	}
	return len(r.four) + len(r.six)
}

func four(a netip.Addr) uint32 {
	b := a.As4()
	return binary.BigEndian.Uint32(b[:])
}

func six(a netip.Addr) wide {
	b := a.As16()
	return wide{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])}
}

// ReadRanges reads a list of address ranges: one per line, as a prefix
// (192.0.2.0/24) or an address, what follows a '#' or a ';' or stands in
// further columns is ignored. It says in which line something else stands: a
// list that cannot be read is not used in part.
func ReadRanges(in io.Reader) (*Ranges, error) {
	var list []netip.Prefix
	scan := bufio.NewScanner(in)
	for n := 1; scan.Scan(); n++ {
		line := bytes.TrimPrefix(scan.Bytes(), []byte("\xef\xbb\xbf"))
		if i := bytes.IndexAny(line, "#;"); i >= 0 {
			line = line[:i]
		}
		fields := strings.FieldsFunc(string(line), func(c rune) bool { return c == ',' || c == ' ' || c == '\t' || c == '\r' })
		if len(fields) == 0 {
			continue
		}
		p, err := ParseRange(fields[0])
		if err != nil {
			return nil, fmt.Errorf("cannot read address ranges: line %d: %w", n, err)
		}
		if list = append(list, p); len(list) > MaxRanges {
			return nil, fmt.Errorf("cannot read address ranges: more than %d", MaxRanges)
		}
	}
	if err := scan.Err(); err != nil {
		return nil, fmt.Errorf("cannot read address ranges: %w", err)
	}
	return NewRanges(list)
}

// ParseRange reads one prefix or address.
func ParseRange(text string) (netip.Prefix, error) {
	if p, err := netip.ParsePrefix(text); err == nil {
		return p, nil
	}
	if a, err := netip.ParseAddr(text); err == nil && a.Zone() == "" {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	return netip.Prefix{}, errors.New("want an address or a range such as 192.0.2.0/24")
}

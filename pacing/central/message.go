package central

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"math/bits"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/pacing"
)

// message is what goes over the bus, both ways. All it says holds by itself:
// no message needs the one before it.
type message struct {
	kind   byte
	flags  byte
	from   uint64 // the start of a bidder, or the epoch of a controller
	seq    uint64 // grows with every tick of the sender
	at     int64  // market time, unix nanos
	began  int64  // when the sender began to count
	part   int    // from 0
	parts  int    // that the tick's message was cut into
	sums   []pacing.Sum
	nodes  []pacing.NodeSum
	prices []price
	set    []multiplier
}

const (
	kindReport byte = 'r'
	kindWord   byte = 'w'

	flagWhole byte = 1 // the parts together say everything there is to say
	flagAsk   byte = 2 // the other side should say everything
	flagLeads byte = 4 // a controller's: it has stepped
)

// Layout: version, kind, flags, then uvarints: from, seq, at, began, part,
// parts, then tables. A table is its tag, the number of cells in a row, the
// number of rows, and the cells, all uvarints. Integers that may be negative
// are in zigzag; floats are their bits in reverse, as round ones end in zeros.
// Unknown tables, and cells at the end of a row, are skipped. The last four
// bytes are the CRC-32C of all before them.
const (
	version = 1

	tableSums   = 1
	tableNodes  = 2
	tablePrices = 3
	tableSet    = 4

	maxRows    = 4096    // of a message: 100 bytes each at most
	maxMessage = 1 << 20 // what is longer is none of ours
	maxCells   = 64      // of a row
)

var errMessage = errors.New("not a message of pacing")

// split cuts a message into some with at most maxRows rows.
func (m *message) split() []message {
	var all []message
	rest := *m
	for {
		part, room := rest, maxRows
		part.sums, rest.sums = cut(rest.sums, &room)
		part.nodes, rest.nodes = cut(rest.nodes, &room)
		part.prices, rest.prices = cut(rest.prices, &room)
		part.set, rest.set = cut(rest.set, &room)
		part.part = len(all)
		all = append(all, part)
		if len(rest.sums)+len(rest.nodes)+len(rest.prices)+len(rest.set) == 0 {
			break
		}
	}
	for i := range all {
		all[i].parts = len(all)
	}
	return all
}

func cut[T any](rows []T, room *int) (head, tail []T) {
	n := min(len(rows), *room)
	*room -= n
	return rows[:n], rows[n:]
}

// encode returns the message in b, whose contents it replaces.
func (m *message) encode(b []byte) []byte {
	b = m.body(b[:0])
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli()))
}

func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) } // always the same one

func (m *message) body(b []byte) []byte {
	b = append(b, version, m.kind, m.flags)
	for _, x := range []uint64{m.from, m.seq, zigzag(m.at), zigzag(m.began), uint64(m.part), uint64(m.parts)} {
		b = binary.AppendUvarint(b, x)
	}
	b = table(b, tableSums, 1+sumInts+sumFloats, len(m.sums))
	for i := range m.sums {
		b = binary.AppendUvarint(b, zigzag(int64(m.sums[i].LineItem)))
		ints, floats := sumFields(&m.sums[i])
		for _, p := range ints {
			b = binary.AppendUvarint(b, zigzag(*p))
		}
		for _, p := range floats {
			b = binary.AppendUvarint(b, reversed(*p))
		}
	}
	b = table(b, tableNodes, 2+nodeInts, len(m.nodes))
	for i := range m.nodes {
		b = binary.AppendUvarint(b, zigzag(int64(m.nodes[i].Node)))
		b = binary.AppendUvarint(b, zigzag(int64(m.nodes[i].Period)))
		for _, p := range nodeFields(&m.nodes[i]) {
			b = binary.AppendUvarint(b, zigzag(*p))
		}
	}
	b = table(b, tablePrices, 4, len(m.prices))
	for _, p := range m.prices {
		b = binary.AppendUvarint(b, zigzag(int64(p.Node)))
		b = binary.AppendUvarint(b, reversed(p.Log))
		b = binary.AppendUvarint(b, reversed(p.rate))
		b = binary.AppendUvarint(b, zigzag(int64(p.LineItem)))
	}
	b = table(b, tableSet, 2, len(m.set))
	for _, s := range m.set {
		b = binary.AppendUvarint(b, zigzag(int64(s.lineItem)))
		b = binary.AppendUvarint(b, reversed(s.of))
	}
	return b
}

func table(b []byte, tag uint64, cells, rows int) []byte {
	if rows == 0 {
		return b
	}
	b = binary.AppendUvarint(b, tag)
	b = binary.AppendUvarint(b, uint64(cells))
	return binary.AppendUvarint(b, uint64(rows))
}

// decode reads a message into m, whose tables it uses again. After an error m
// is of no use.
func (m *message) decode(b []byte) error {
	n := len(b) - 4
	if n < 0 || n > maxMessage || crc32.Checksum(b[:n], castagnoli()) != binary.BigEndian.Uint32(b[n:]) {
		return errMessage
	}
	return m.parse(b[:n])
}

func (m *message) parse(b []byte) error {
	if len(b) < 3 || b[0] != version || (b[1] != kindReport && b[1] != kindWord) {
		return errMessage
	}
	m.kind, m.flags = b[1], b[2]
	c := cells{b: b[3:]}
	m.from, m.seq = c.next(), c.next()
	m.at, m.began = unzigzag(c.next()), unzigzag(c.next())
	part, parts := c.next(), c.next()
	if c.err != nil || parts == 0 || parts > 1<<16 || part >= parts {
		return errMessage
	}
	m.part, m.parts = int(part), int(parts)
	m.sums, m.nodes, m.prices, m.set = m.sums[:0], m.nodes[:0], m.prices[:0], m.set[:0]
	for left := uint64(maxRows); len(c.b) > 0; {
		tag, width, rows := c.next(), c.next(), c.next()
		if c.err != nil || width == 0 || width > maxCells || rows > left {
			return errMessage
		}
		left -= rows
		for range rows {
			if err := m.row(&c, tag, int(width)); err != nil {
				return err
			}
		}
	}
	return nil
}

// row reads one row of a table. Cells that the sender does not know are zero.
func (m *message) row(c *cells, tag uint64, width int) error {
	c.left = width
	switch tag {
	case tableSums:
		s := pacing.Sum{LineItem: event.LineItemID(c.int())}
		ints, floats := sumFields(&s)
		for _, p := range ints {
			*p = c.count()
		}
		for _, p := range floats {
			*p = c.float(0)
		}
		m.sums = append(m.sums, s)
	case tableNodes:
		var n pacing.NodeSum
		n.Node = event.NodeID(c.int())
		period := c.int()
		if period != int64(int32(period)) {
			return errMessage
		}
		n.Period = event.Period(period)
		for _, p := range nodeFields(&n) {
			*p = c.int()
		}
		if min(n.Limit, n.Pending, n.Young, n.Matured, n.Worth) < 0 {
			return errMessage
		}
		m.nodes = append(m.nodes, n)
	case tablePrices:
		var p price
		p.Node, p.Log, p.rate = event.NodeID(c.int()), c.float(-maxLog), c.float(0)
		p.LineItem = event.LineItemID(c.int())
		if p.Log > maxLog {
			return errMessage
		}
		m.prices = append(m.prices, p)
	case tableSet:
		s := multiplier{event.LineItemID(c.int()), c.float(0)}
		if s.of <= 0 || s.of > 1 {
			return errMessage
		}
		m.set = append(m.set, s)
	}
	for c.left > 0 {
		c.cell()
	}
	if c.err != nil {
		return fmt.Errorf("%w: row of table %d", errMessage, tag)
	}
	return nil
}

// maxLog bounds ln lambda: beyond it there is no price.
const maxLog = 100

// cells reads numbers one after the other. The first failure stays.
type cells struct {
	b    []byte
	left int // of the row
	err  error
}

func (c *cells) next() uint64 {
	x, n := binary.Uvarint(c.b)
	if n <= 0 {
		c.b, c.err = nil, errMessage
		return 0
	}
	c.b = c.b[n:]
	return x
}

func (c *cells) int() int64 {
	return unzigzag(c.cell())
}

// count reads a number that cannot be below zero.
func (c *cells) count() int64 {
	n := c.int()
	if n < 0 {
		c.err = errMessage
	}
	return n
}

// float reads a finite number that is at least least.
func (c *cells) float(least float64) float64 {
	f := math.Float64frombits(bits.Reverse64(c.cell()))
	if !(f >= least) || math.IsInf(f, 0) {
		c.err = errMessage
	}
	return f
}

// cell reads one cell of a row; past its end all are zero.
func (c *cells) cell() uint64 {
	if c.left == 0 {
		return 0
	}
	c.left--
	return c.next()
}

func unzigzag(x uint64) int64   { return int64(x>>1) ^ -int64(x&1) }
func zigzag(n int64) uint64     { return uint64(n<<1) ^ uint64(n>>63) }
func reversed(f float64) uint64 { return bits.Reverse64(math.Float64bits(f)) }

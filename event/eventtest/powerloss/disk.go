package powerloss

import (
	"math/rand/v2"
	"os"
	"path/filepath"
)

// change is one write to a file, or a new length of it.
type change struct {
	off     int64
	data    []byte // nil: the file gets the length off
	applied bool
}

// naming is one name in a directory that got another meaning.
type naming struct {
	name    string
	node    *node   // nil: nothing any more
	with    *naming // the removal of the old name, if this is a rename
	in      *node   // the directory
	applied bool
}

// node is a file or a directory, as the kernel has it and as the disk does.
type node struct {
	parent *node // where its last name is
	dir    bool

	size    int64 // as the kernel has it
	changes []*change
	content []byte // on disk

	entries map[string]*node // as the kernel has them
	namings []*naming
	names   map[string]*node // on disk
}

func newDir(parent *node) *node {
	return &node{parent: parent, dir: true, entries: make(map[string]*node), names: make(map[string]*node)}
}

// set gives a name in a directory another meaning.
func (d *node) set(name string, n *node) *naming {
	if n == nil {
		delete(d.entries, name)
	} else {
		d.entries[name] = n
		n.parent = d
	}
	op := &naming{name: name, node: n, in: d}
	d.namings = append(d.namings, op)
	return op
}

func (n *node) change(c *change) *change {
	if c.data == nil {
		n.size = c.off
	} else {
		n.size = max(n.size, c.off+int64(len(c.data)))
	}
	n.changes = append(n.changes, c)
	return c
}

// write makes a change durable.
func (n *node) write(c *change, most int) {
	c.applied = true
	if c.data == nil {
		n.grow(c.off)
		n.content = n.content[:c.off]
		return
	}
	data := c.data[:min(len(c.data), most)]
	n.grow(c.off + int64(len(data)))
	copy(n.content[c.off:], data)
}

// syncWrite makes a change durable and the file's length before it.
func (n *node) syncWrite(c *change) {
	for _, before := range n.changes {
		if before.data == nil && !before.applied {
			n.write(before, 0)
		}
	}
	if !c.applied {
		n.write(c, len(c.data))
	}
	n.forget()
}

func (n *node) grow(size int64) {
	if more := size - int64(len(n.content)); more > 0 {
		n.content = append(n.content, make([]byte, more)...)
	}
}

// rename makes a naming durable, and what happened with it.
func (d *node) rename(op *naming) {
	if op.applied {
		return
	}
	op.applied = true
	if op.node == nil {
		delete(d.names, op.name)
	} else {
		d.names[op.name] = op.node
	}
}

// pending is what an fsync that begins now makes durable.
type pending struct {
	node    *node
	changes []*change
	namings []*naming
}

func (n *node) pending() pending {
	return pending{n, append([]*change(nil), n.changes...), append([]*naming(nil), n.namings...)}
}

func (p pending) sync() {
	for _, c := range p.changes {
		if !c.applied {
			p.node.write(c, len(c.data))
		}
	}
	for _, op := range p.namings {
		p.node.rename(op)
	}
	p.node.forget()
}

// forget drops what is durable.
func (n *node) forget() {
	keepC, keepN := n.changes[:0], n.namings[:0]
	for _, c := range n.changes {
		if !c.applied {
			keepC = append(keepC, c)
		}
	}
	for _, op := range n.namings {
		if !op.applied {
			keepN = append(keepN, op)
		}
	}
	n.changes, n.namings = keepC, keepN
}

// syncName makes the name that a node has durable, and those above it.
func (n *node) syncName() {
	for ; n.parent != nil; n = n.parent {
		d := n.parent
		for i, op := range d.namings {
			if op.node != n {
				continue
			}
			// Of one name, the meanings follow each other.
			for _, before := range d.namings[:i] {
				if before.name == op.name {
					d.rename(before)
				}
			}
			d.rename(op)
			if op.with != nil {
				op.with.in.rename(op.with)
			}
		}
		d.forget()
	}
}

// damage lets some of what was not synced survive.
func (n *node) damage(r *rand.Rand) {
	for _, c := range n.changes {
		if r.IntN(2) == 0 {
			n.write(c, r.IntN(2*len(c.data)+1))
		}
	}
	for _, op := range n.namings {
		if r.IntN(2) == 0 {
			n.rename(op)
		}
	}
	for _, child := range n.entries {
		child.damage(r)
	}
}

// save writes what is on disk below a directory.
func (n *node) save(dir string) error {
	for name, child := range n.names {
		path := filepath.Join(dir, name)
		if !child.dir {
			if err := os.WriteFile(path, child.content, 0o640); err != nil {
				return err
			}
			continue
		}
		if err := os.Mkdir(path, 0o750); err != nil {
			return err
		}
		if err := child.save(path); err != nil {
			return err
		}
	}
	return nil
}

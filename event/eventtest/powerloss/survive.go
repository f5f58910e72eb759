package powerloss

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Model is what a file system promises about names, see the package.
type Model int

const (
	Strict    Model = iota // names survive an fsync of their directory
	Journaled              // and one of what they name
)

// Moments returns how many moments the trace has, from 0 up.
func (t *Trace) Moments() int { return t.lines + 1 }

// Output returns what the process had begun to write to its standard output
// before a moment.
func (t *Trace) Output(moment int) (string, error) {
	var out bytes.Buffer
	for _, c := range t.calls {
		if c.name == "write" && c.args[0] == "1" && c.start < moment {
			data, err := unquote(c.args[1])
			if err != nil {
				return "", err
			}
			out.Write(data)
		}
	}
	return out.String(), nil
}

// Survive writes to a directory, which must exist and be empty, what the disk
// holds if the power fails at a moment. With a source of randomness some of
// what was not synced is there as well.
func (t *Trace) Survive(moment int, dir string, model Model, r *rand.Rand) error {
	m := machine{dir: t.dir, model: model, root: newDir(nil), files: make(map[int64]*file), begun: make(map[int]func(bool))}
	if err := m.run(t.calls, moment); err != nil {
		return fmt.Errorf("cannot tell what survives: %w", err)
	}
	if r != nil {
		m.root.damage(r)
	}
	return m.root.save(dir)
}

// machine replays calls.
type machine struct {
	dir   string
	model Model
	root  *node
	files map[int64]*file       // by number
	begun map[int]func(ok bool) // what calls do when they return
}

// file is an open file of the directory.
type file struct {
	node         *node
	path         string
	off          int64
	append, sync bool
}

// run replays the beginnings and ends of calls in the order of time.
func (m *machine) run(calls []call, moment int) error {
	type edge struct {
		at, call int
		end      bool
	}
	var edges []edge
	for i, c := range calls {
		edges = append(edges, edge{c.start, i, false}, edge{c.end, i, true})
	}
	slices.SortStableFunc(edges, func(a, b edge) int { return a.at - b.at })
	for _, e := range edges {
		if e.at >= moment {
			return nil
		}
		c := &calls[e.call]
		if e.end {
			if done := m.begun[e.call]; done != nil {
				done(c.ret >= 0)
				delete(m.begun, e.call)
			}
			continue
		}
		done, err := m.begin(c)
		if err != nil {
			return fmt.Errorf("%s(%.200s): %w", c.name, strings.Join(c.args, ", "), err)
		}
		if done != nil {
			m.begun[e.call] = done
		}
	}
	return nil
}

var errModel = errors.New("this is not modelled")

// begin does what a call does when it begins, and returns what it does when it
// has returned, if anything. A call that had not returned has done nothing.
func (m *machine) begin(c *call) (done func(ok bool), err error) {
	switch c.name {
	case "openat", "open", "creat":
		return m.open(c)
	case "mkdir", "mkdirat", "rmdir", "unlink", "unlinkat", "rename", "renameat", "renameat2":
		return m.name(c)
	case "truncate", "link", "linkat", "symlink", "symlinkat":
		for _, arg := range c.args {
			if path, err := unquote(arg); err == nil && m.inside(string(path)) {
				return nil, errModel
			}
		}
		return nil, nil
	case "openat2", "io_uring_setup", "sync", "syncfs":
		return nil, errModel
	}
	number := c.args[0]
	if c.name == "mmap" {
		number = c.args[4]
	}
	fd, err := strconv.ParseInt(number, 0, 64)
	if err != nil {
		return nil, nil // -1 in raw form, AT_FDCWD
	}
	f := m.files[fd]
	if f == nil {
		return nil, nil
	}
	return m.onFile(c, fd, f)
}

// onFile is about calls with the number of an open file.
func (m *machine) onFile(c *call, fd int64, f *file) (done func(ok bool), err error) {
	switch c.name {
	case "close":
		delete(m.files, fd)
		return nil, nil
	case "read":
		return func(ok bool) {
			if ok {
				f.off += c.ret
			}
		}, nil
	case "lseek":
		return func(ok bool) {
			if ok {
				f.off = c.ret
			}
		}, nil
	case "fsync", "fdatasync":
		p := f.node.pending()
		return func(ok bool) {
			if ok {
				p.sync()
				m.named(f.node)
			}
		}, nil
	case "ftruncate":
		size, err := strconv.ParseInt(c.args[1], 0, 64)
		return func(ok bool) {
			if ok {
				f.node.change(&change{off: size})
			}
		}, err
	case "write", "pwrite64":
		return m.write(c, f)
	case "fcntl":
		if strings.HasPrefix(c.args[1], "F_DUPFD") {
			return nil, errModel
		}
		return nil, nil
	case "mmap":
		if strings.Contains(c.args[2], "PROT_WRITE") && strings.Contains(c.args[3], "MAP_SHARED") {
			return nil, errModel
		}
		return nil, nil
	}
	return nil, errModel
}

func (m *machine) write(c *call, f *file) (done func(ok bool), err error) {
	data, err := unquote(c.args[1])
	if err != nil {
		return nil, err
	}
	at := int64(-1)
	if c.name == "pwrite64" {
		if at, err = strconv.ParseInt(c.args[3], 0, 64); err != nil {
			return nil, err
		}
	}
	return func(ok bool) {
		if !ok || c.ret == 0 {
			return
		}
		off := at
		if off < 0 {
			if f.append {
				f.off = f.node.size
			}
			off = f.off
			f.off += c.ret
		}
		written := f.node.change(&change{off: off, data: data[:c.ret]})
		if f.sync {
			f.node.syncWrite(written)
			m.named(f.node)
		}
	}, nil
}

// named is called when a node was synced.
func (m *machine) named(n *node) {
	if m.model == Journaled {
		n.syncName()
	}
}

func (m *machine) open(c *call) (done func(ok bool), err error) {
	args := c.args
	flags := "O_CREAT|O_WRONLY|O_TRUNC"
	at := "AT_FDCWD"
	if c.name == "openat" {
		at, args = args[0], args[1:]
	}
	if c.name != "creat" {
		flags = args[1]
	}
	path, ok, err := m.path(at, args[0])
	if err != nil || !ok {
		return nil, err
	}
	has := func(flag string) bool { return slices.Contains(strings.Split(flags, "|"), flag) }
	if has("O_TMPFILE") || has("O_DIRECT") {
		return nil, errModel
	}
	return func(ok bool) {
		if !ok {
			return
		}
		parent, n := m.find(path)
		switch {
		case n == nil:
			n = &node{}
			parent.set(filepath.Base(path), n)
		case n != nil && has("O_TRUNC"):
			n.change(&change{})
		}
		m.files[c.ret] = &file{node: n, path: path, append: has("O_APPEND"), sync: has("O_SYNC") || has("O_DSYNC")}
	}, nil
}

// name is about calls that change names.
func (m *machine) name(c *call) (done func(ok bool), err error) {
	args := c.args
	next := func() (path string, inside bool, err error) {
		at := "AT_FDCWD"
		if strings.Contains(c.name, "at") {
			at, args = args[0], args[1:]
		}
		path, inside, err = m.path(at, args[0])
		args = args[1:]
		return path, inside, err
	}
	path, inside, err := next()
	if err != nil || !inside {
		return nil, err
	}
	to := ""
	if strings.HasPrefix(c.name, "rename") {
		if to, inside, err = next(); err != nil {
			return nil, err
		}
		if !inside || c.name == "renameat2" && args[0] != "0" && args[0] != "RENAME_NOREPLACE" {
			return nil, errModel
		}
	}
	return func(ok bool) {
		if !ok {
			return
		}
		parent, n := m.find(path)
		base := filepath.Base(path)
		switch {
		case to != "":
			toParent, _ := m.find(to)
			gone := parent.set(base, nil)
			toParent.set(filepath.Base(to), n).with = gone
		case strings.HasPrefix(c.name, "mkdir"):
			parent.set(base, newDir(parent))
		default:
			parent.set(base, nil)
		}
	}, nil
}

// path returns the whole path of an argument, and whether it is inside.
func (m *machine) path(at, arg string) (path string, inside bool, err error) {
	b, err := unquote(arg)
	if err != nil {
		return "", false, err
	}
	path = string(b)
	if !filepath.IsAbs(path) {
		fd, err := strconv.ParseInt(at, 0, 64)
		f := m.files[fd]
		if err != nil || f == nil {
			return "", false, nil // relative to where the process is: not inside
		}
		path = filepath.Join(f.path, path)
	}
	path = filepath.Clean(path)
	return path, m.inside(path), nil
}

func (m *machine) inside(path string) bool {
	return path == m.dir || strings.HasPrefix(path, m.dir+"/")
}

// find returns what has a path, and the directory that it is in.
func (m *machine) find(path string) (parent, n *node) {
	n = m.root
	for _, name := range strings.Split(strings.Trim(strings.TrimPrefix(path, m.dir), "/"), "/") {
		if name == "" {
			continue
		}
		if n == nil {
			return nil, nil
		}
		parent, n = n, n.entries[name]
	}
	return parent, n
}

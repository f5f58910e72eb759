package audience

import (
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// lane is the way to one node of Redis: the reads that wait for it, in round
// trips of their own, and whether it answers. So a node that hangs or is gone
// keeps nobody waiting but its own users. Times are since the reader was opened.
type lane struct {
	client  redis.UniversalClient // the node's; of the first lane that of all
	queue   chan part
	breaker breaker
	closing chan struct{}
	used    atomic.Int64 // time.Duration: when the last round trip began
	ok      atomic.Bool  // it succeeded; of a node's lane that had none yet, too
}

const (
	// laneRest is after how long without a read a lane says nothing of Redis any
	// more: its node may have no users any more.
	laneRest = 10 * time.Second
	// laneLife is after how long without one it may end.
	laneLife = time.Minute
)

// lanes are a reader's. A single Redis has the first alone; that of a Cluster
// takes all that is asked before it is known which node has which users.
type lanes struct {
	first   *lane
	cluster *redis.ClusterClient // nil: a single Redis
	known   atomic.Bool          // which node has which users
	nodes   atomic.Pointer[map[*redis.Client]*lane]

	mu     sync.Mutex // held to change nodes
	closed bool
	tidy   *time.Timer                       // ends idle ones
	start  func(redis.UniversalClient) *lane // starts its flushers too
	now    func() time.Duration
}

func newLanes(client redis.UniversalClient, start func(redis.UniversalClient) *lane, now func() time.Duration) *lanes {
	l := &lanes{first: start(client), start: start, now: now}
	l.cluster, _ = client.(*redis.ClusterClient)
	l.nodes.Store(&map[*redis.Client]*lane{})
	l.endIdle() // finds none yet, and comes again
	return l
}

// of returns a user's lane, without waiting for anybody.
func (l *lanes) of(key *UserKey) *lane {
	if l.cluster == nil || !l.known.Load() {
		return l.first
	}
	var text [keyText]byte
	node, err := l.cluster.MasterForKey(context.Background(), string(key.appendText(text[:0])))
	if err != nil {
		return l.first
	}
	if found := (*l.nodes.Load())[node]; found != nil {
		return found
	}
	return l.add(node)
}

// add makes a node's lane.
func (l *lanes) add(node *redis.Client) *lane {
	l.mu.Lock()
	defer l.mu.Unlock()
	nodes := *l.nodes.Load()
	if found := nodes[node]; found != nil {
		return found
	}
	if l.closed {
		return l.first
	}
	nodes = maps.Clone(nodes)
	added := l.start(node)
	added.ok.Store(true) // Redis has answered, or it would not be known which node this is
	nodes[node] = added
	l.nodes.Store(&nodes)
	return added
}

// endIdle ends, each laneLife anew, the lanes of nodes that nothing has been
// asked for so long: of nodes that are gone, mostly.
func (l *lanes) endIdle() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	nodes := maps.Clone(*l.nodes.Load())
	maps.DeleteFunc(nodes, func(_ *redis.Client, old *lane) bool {
		idle := l.idle(old, laneLife)
		if idle { // a read that comes at this very moment meets its deadline
			close(old.closing)
		}
		return idle
	})
	l.nodes.Store(&nodes)
	l.tidy = time.AfterFunc(laneLife, l.endIdle)
}

func (l *lanes) idle(one *lane, d time.Duration) bool {
	return l.now()-time.Duration(one.used.Load()) > d
}

// learn sees the first lane's commands: where Redis answered one, it was found
// where the user is.
func (l *lanes) learn(cmds []*redis.SliceCmd) {
	if l.cluster != nil && !l.known.Load() && slices.ContainsFunc(cmds, func(c *redis.SliceCmd) bool { return c.Err() == nil }) {
		l.known.Store(true)
	}
}

// all calls a function with each.
func (l *lanes) all(f func(*lane)) {
	f(l.first)
	for _, one := range *l.nodes.Load() {
		f(one)
	}
}

// down says whether reads are refused by one of them.
func (l *lanes) down() (down bool) {
	l.all(func(one *lane) { down = down || one.breaker.refuses(l.now()) })
	return down
}

// up says whether the last round trips succeeded.
func (l *lanes) up() bool {
	succeeded, failed := false, false
	l.all(func(one *lane) {
		if one.ok.Load() {
			succeeded = true
		} else if !l.idle(one, laneRest) {
			failed = true
		}
	})
	return succeeded && !failed
}

func (l *lanes) waiting() (n int) {
	l.all(func(one *lane) { n += len(one.queue) })
	return n
}

func (l *lanes) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.tidy.Stop()
	l.all(func(one *lane) { close(one.closing) })
}

// route is which lanes a read goes by: its ids may be on several nodes.
type route struct {
	lanes [MaxIDs]*lane
	n     int           // how many of lanes
	of    [MaxIDs]uint8 // which of them is each key's
}

// find finds the lanes of keys.
func (t *route) find(l *lanes, keys []UserKey) {
	for i := range keys {
		found := l.of(&keys[i])
		at := 0
		for at < t.n && t.lanes[at] != found {
			at++
		}
		if at == t.n {
			t.lanes[at] = found
			t.n++
		}
		t.of[i] = uint8(at)
	}
}

// allow says whether a read may go. Where one lane refuses it, no other is
// probed for nothing.
func (t *route) allow(now time.Duration) bool {
	for _, l := range t.lanes[:t.n] {
		if !l.breaker.ready(now) {
			return false
		}
	}
	for _, l := range t.lanes[:t.n] {
		if !l.breaker.allow(now) {
			return false
		}
	}
	return true
}

// note tells the lanes what became of a read. bad has a bit for each that did
// not answer in time.
func (t *route) note(bad uint32, opened time.Time) {
	for at, l := range t.lanes[:t.n] {
		if bad&(1<<at) == 0 {
			l.breaker.answered()
		} else {
			l.breaker.failed(time.Since(opened))
		}
	}
}

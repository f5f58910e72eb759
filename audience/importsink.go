package audience

import (
	"context"
	"errors"
	"sync"
)

// importSink writes users to Redis while the file is being read. The users
// are dealt by their key to a few workers with a batch each, so that two
// batches under way never hold the same user.
type importSink struct {
	writer  *Writer
	ctx     context.Context
	cancel  context.CancelFunc
	filling [importWorkers]*segmentBatch
	full    [importWorkers]chan *segmentBatch
	free    [importWorkers]chan *segmentBatch
	work    sync.WaitGroup

	mu      sync.Mutex
	users   int64
	tooMany int64
	err     error
}

const (
	importWorkers = 2
	importUsers   = 512   // per batch
	importRows    = 16384 // per batch, so that users with many segments do not make it large
)

// errSinkFailed says that the sink has the error.
var errSinkFailed = errors.New("writing failed")

func newImportSink(ctx context.Context, w *Writer) *importSink {
	s := &importSink{writer: w}
	s.ctx, s.cancel = context.WithCancel(ctx)
	for i := range importWorkers {
		s.filling[i] = newSegmentBatch()
		s.full[i] = make(chan *segmentBatch)
		s.free[i] = make(chan *segmentBatch, 1)
		s.free[i] <- newSegmentBatch()
		s.work.Go(func() { s.run(s.full[i], s.free[i]) })
	}
	return s
}

func (s *importSink) run(full <-chan *segmentBatch, free chan<- *segmentBatch) {
	for batch := range full {
		res, err := s.writer.put(s.ctx, batch)
		s.mu.Lock()
		s.users += int64(res.Users)
		s.tooMany += int64(res.TooMany)
		if err != nil && s.err == nil {
			s.err = err
			s.cancel()
		}
		s.mu.Unlock()
		batch.reset()
		free <- batch
	}
}

// put adds a user's rows. It copies them, and waits while both of a worker's
// batches are taken.
func (s *importSink) put(key UserKey, rows []member) error {
	i := int(key[1]) % importWorkers
	batch := s.filling[i]
	u := batch.user(key)
	u.changes = append(u.changes, rows...)
	batch.rows += len(rows)
	if len(batch.users) >= importUsers || batch.rows >= importRows {
		return s.flush(i)
	}
	return nil
}

func (s *importSink) flush(i int) error {
	select {
	case s.full[i] <- s.filling[i]:
		s.filling[i] = <-s.free[i]
	case <-s.ctx.Done():
	}
	if s.ctx.Err() != nil {
		return errSinkFailed
	}
	return nil
}

// close writes what is left, ends the workers and returns the counts.
func (s *importSink) close() (users, tooMany int64, err error) {
	for i := range importWorkers {
		_ = s.flush(i) // the error is in s
		close(s.full[i])
	}
	s.work.Wait()
	if s.err == nil {
		s.err = context.Cause(s.ctx)
	}
	s.cancel()
	return s.users, s.tooMany, s.err
}

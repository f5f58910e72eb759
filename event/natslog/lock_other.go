//go:build !unix

package natslog

// dirLock does nothing where there is no flock: the operator sees to it that
// one process has the directory open.
type dirLock struct{}

func lockDir(string) (*dirLock, error) { return &dirLock{}, nil }

func (*dirLock) release() {}

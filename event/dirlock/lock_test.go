package dirlock

import "testing"

func TestOneAtATime(t *testing.T) {
	dir := t.TempDir()
	first, err := Take(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Take(dir); err == nil {
		t.Error("a second one was let in")
	}
	first.Release()
	second, err := Take(dir)
	if err != nil {
		t.Fatalf("after the first left: %v", err)
	}
	second.Release()
	if _, err := Take(dir + "/missing"); err == nil {
		t.Error("a directory that does not exist was locked")
	}
}

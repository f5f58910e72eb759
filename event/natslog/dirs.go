package natslog

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// syncDirs makes the names of all files below a directory durable, and its
// own. The server syncs what it writes to a file, but not the directories
// that it made for it.
func syncDirs(dir string) error {
	if runtime.GOOS == "windows" { // cannot sync a directory
		return nil
	}
	if err := syncDir(filepath.Dir(dir)); err != nil {
		return err
	}
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		return syncDir(path)
	})
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

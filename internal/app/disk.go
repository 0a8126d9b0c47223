package app

import "golang.org/x/sys/unix"

// diskSpace is the free and whole size in bytes of the disk under dir; zeros
// if that cannot be told.
func diskSpace(dir string) (free, total int64) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, 0
	}
	return int64(st.Bavail) * int64(st.Bsize), int64(st.Blocks) * int64(st.Bsize)
}

func freeBytes(dir string) int64 {
	free, total := diskSpace(dir)
	if total == 0 {
		return -1
	}
	return free
}

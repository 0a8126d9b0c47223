package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func inUse(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }

// holder says who listens on addr, as well as can be found out.
func holder(addr string, port int) string {
	if h, err := askHealth(addr); err == nil && h.Service == serviceName {
		return fmt.Sprintf("mulgil of project %q (process %d)", h.Project, h.PID)
	}
	if pid, name := listener("/proc", port); pid != 0 {
		return fmt.Sprintf("process %d (%s)", pid, name)
	}
	return "another program"
}

func askHealth(addr string) (health, error) {
	var h health
	c := http.Client{Timeout: 500 * time.Millisecond, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := c.Get("http://" + addr + "/healthz")
	if err != nil {
		return h, err
	}
	defer resp.Body.Close()
	return h, json.NewDecoder(http.MaxBytesReader(nil, resp.Body, 4096)).Decode(&h)
}

// listener finds the process listening on a TCP port by proc's files; 0 if
// there is no such file system or the process is another user's.
func listener(proc string, port int) (int, string) {
	inodes := map[string]bool{}
	for _, f := range []string{"net/tcp", "net/tcp6"} {
		data, _ := os.ReadFile(filepath.Join(proc, f))
		for _, line := range strings.Split(string(data), "\n") {
			w := strings.Fields(line)
			if len(w) > 9 && w[3] == "0A" && strings.HasSuffix(w[1], fmt.Sprintf(":%04X", port)) {
				inodes["socket:["+w[9]+"]"] = true
			}
		}
	}
	if len(inodes) == 0 {
		return 0, ""
	}
	fds, _ := filepath.Glob(filepath.Join(proc, "[0-9]*", "fd", "*"))
	for _, fd := range fds {
		if to, err := os.Readlink(fd); err == nil && inodes[to] {
			dir := filepath.Dir(filepath.Dir(fd))
			pid, _ := strconv.Atoi(filepath.Base(dir))
			name, _ := os.ReadFile(filepath.Join(dir, "comm"))
			return pid, strings.TrimSpace(string(name))
		}
	}
	return 0, ""
}

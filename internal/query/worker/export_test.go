package worker

// IdlePIDs are the process ids of the children that wait.
func (p *Pool) IdlePIDs() []int {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []int
	for _, c := range p.idle {
		out = append(out, c.cmd.Process.Pid)
	}
	return out
}

// Settle waits for starts and ends in the background.
func (p *Pool) Settle() { p.work.Wait() }

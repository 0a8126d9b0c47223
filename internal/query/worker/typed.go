package worker

import (
	"context"

	"github.com/mulgil/mulgil/internal/port"
	"github.com/mulgil/mulgil/internal/query/render"
)

// A batch of rows goes out when it has one of these; the first one as soon as
// the engine hands over any row.
const (
	batchBytes = 256 << 10
	batchRows  = 5000
)

// typed runs a SELECT and sends its rows as Trino's protocol writes them.
func (c *child) typed(ctx context.Context, text string, q Select) (truncated bool, err error) {
	r, err := render.New(q.Types)
	if err != nil {
		return false, err
	}
	if text, err = c.faster(ctx, text, q.Instead); err != nil {
		return false, err
	}
	planned := c.planning()
	defer planned()
	b, err := c.s.Batches(ctx, text, planned)
	if err != nil {
		return false, err
	}
	defer b.Close()
	var cols []port.EngineColumn
	for i, f := range b.Schema().Fields() {
		if i < len(q.Types) {
			cols = append(cols, port.EngineColumn{Name: f.Name, Type: q.Types[i]})
		}
	}
	c.send(Message{Columns: cols})
	p := &pack{send: c.send, early: true}
	sent := 0
	for b.Next() {
		if err := r.Bind(b.Batch()); err != nil {
			return false, err
		}
		for i := range int(b.Batch().NumRows()) {
			if q.Limit > 0 && sent == q.Limit {
				p.flush()
				return true, nil
			}
			p.add(r, i)
			sent++
		}
		p.pause()
	}
	if err := b.Err(); err != nil {
		return false, err
	}
	p.flush()
	return false, nil
}

// faster is the one of two texts that suits the data.
func (c *child) faster(ctx context.Context, text string, other *Instead) (string, error) {
	if other == nil {
		return text, nil
	}
	for _, q := range other.If {
		v, err := c.one(ctx, q)
		if err != nil {
			return "", err
		}
		if v[0] != true {
			return text, nil
		}
	}
	return other.SQL, nil
}

// pack collects rows into batches.
type pack struct {
	send  func(Message)
	buf   []byte
	n     int
	early bool // nothing was sent yet
}

func (p *pack) add(r *render.Renderer, i int) {
	sep := byte(',')
	if p.n == 0 {
		sep = '['
	}
	p.buf = r.Append(append(p.buf, sep), i)
	p.n++
	if len(p.buf) >= batchBytes || p.n >= batchRows {
		p.flush()
	}
}

// pause is called where the engine may need a while for the next rows.
func (p *pack) pause() {
	if p.early {
		p.flush()
	}
}

func (p *pack) flush() {
	if p.n == 0 {
		return
	}
	p.send(Message{Rows: &Rows{JSON: append(p.buf, ']'), N: p.n}})
	p.buf, p.n, p.early = p.buf[:0], 0, false
}

package client

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/mulgil/mulgil/internal/app"
)

// callHeader names a call to the owner, see stopWork.
const callHeader = "Mulgil-Call"

type callKey struct{}

func callName(ctx context.Context) string {
	name, _ := ctx.Value(callKey{}).(string)
	return name
}

// stoppable returns the context a call's connection lives under. When the
// caller's ctx ends, a long operation is asked to stop and its end is waited
// for, so that the caller still gets the record; then the connection closes.
// The returned function ends the watch and must be called.
func (c *Client) stoppable(ctx context.Context, op app.Operation) (context.Context, context.CancelCauseFunc) {
	name := uuid.NewString()
	inner, cancel := context.WithCancelCause(context.WithValue(context.WithoutCancel(ctx), callKey{}, name))
	unwatch := context.AfterFunc(ctx, func() {
		if op.Streams && c.stopWork(inner, name) {
			select {
			case <-inner.Done():
			case <-time.After(c.StopWait):
			}
		}
		cancel(context.Cause(ctx))
	})
	return inner, func(cause error) { unwatch(); cancel(cause) }
}

// stopWork asks the owner to stop a call and tells whether it will.
func (c *Client) stopWork(ctx context.Context, name string) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+c.info.Address+"/api/calls/"+name+"/stop", strings.NewReader("{}"))
	if err != nil {
		return false
	}
	r.Header.Set("Authorization", "Bearer "+c.info.Token)
	r.Header.Set("Content-Type", "application/json")
	resp, err := c.http.Do(r)
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

package workflow

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/asl"
)

// tokens makes and reads task tokens: the attempt they stand for, signed with a
// key that the store keeps, so that they hold across restarts.
type tokens struct{ key []byte }

// openTokens reads the store's key, making it the first time.
func openTokens(ctx context.Context, update func(context.Context, func(*sql.Tx) error) error) (*tokens, error) {
	fresh := make([]byte, 32)
	if _, err := rand.Read(fresh); err != nil {
		return nil, err
	}
	t := &tokens{}
	err := update(ctx, func(tx *sql.Tx) error {
		if _, err := tx.Exec(`INSERT INTO workflow_key (id, key) VALUES (1, ?) ON CONFLICT DO NOTHING`, fresh); err != nil {
			return err
		}
		return tx.QueryRow(`SELECT key FROM workflow_key WHERE id = 1`).Scan(&t.key)
	})
	return t, err
}

func (t *tokens) make(execution string, event int64, attempt int) string {
	text := fmt.Sprintf("%d/%d/%s", event, attempt, execution)
	return base64.RawURLEncoding.EncodeToString(append(t.sign(text), text...))
}

func (t *tokens) sign(text string) []byte {
	h := hmac.New(sha256.New, t.key)
	h.Write([]byte(text))
	return h.Sum(nil)[:16]
}

// read tells which attempt a token stands for.
func (t *tokens) read(token string) (execution string, event int64, err error) {
	b, err := base64.RawURLEncoding.DecodeString(token)
	invalid := base.Errorf(base.Usage, "Invalid Token: 'Invalid token'").WithCode("InvalidToken").
		WithHint("a token is what the context object has at $$.Task.Token, and what mulgil workflow activity poll prints")
	if err != nil || len(b) < 16 || !hmac.Equal(b[:16], t.sign(string(b[16:]))) {
		return "", 0, invalid
	}
	parts := strings.SplitN(string(b[16:]), "/", 3)
	if len(parts) != 3 {
		return "", 0, invalid
	}
	event, err = strconv.ParseInt(parts[0], 10, 64)
	return parts[2], event, err
}

func errTaskGone() error {
	return base.Errorf(base.Conflict, "Task Timed Out: 'Provided task does not exist anymore'").WithCode("TaskTimedOut")
}

// SendTaskSuccess ends the task that has the token with its output, JSON. Codes
// of errors are AWS's: InvalidToken, InvalidOutput, TaskTimedOut.
func (e *Engine) SendTaskSuccess(ctx context.Context, token string, output json.RawMessage) error {
	if _, err := asl.Decode(output); err != nil {
		return base.Errorf(base.Usage, "Invalid Output: '%w'", err).WithCode("InvalidOutput")
	}
	return e.endTask(ctx, token, func(r *run, event int64, now time.Time) *record { return r.taskEnded(event, output, nil, now) })
}

// SendTaskFailure ends the task that has the token with an error; name and cause may be empty.
func (e *Engine) SendTaskFailure(ctx context.Context, token, name, cause string) error {
	return e.endTask(ctx, token, func(r *run, event int64, now time.Time) *record {
		return r.taskEnded(event, nil, &TaskError{Name: name, Cause: cause}, now)
	})
}

func (e *Engine) endTask(ctx context.Context, token string, end func(*run, int64, time.Time) *record) error {
	w, event, err := e.holder(ctx, token)
	if err != nil {
		return err
	}
	return w.send(ctx, func(r *run, now time.Time) (*record, error) {
		rec := end(r, event, now)
		if rec == nil {
			return nil, errTaskGone()
		}
		return rec, nil
	})
}

// SendTaskHeartbeat says that the task that has the token is alive.
func (e *Engine) SendTaskHeartbeat(ctx context.Context, token string) error {
	w, event, err := e.holder(ctx, token)
	if err != nil {
		return err
	}
	return w.beat(ctx, event)
}

// holder finds the runner of the task that has the token.
func (e *Engine) holder(ctx context.Context, token string) (*runner, int64, error) {
	id, event, err := e.tokens.read(token)
	if err != nil {
		return nil, 0, err
	}
	if w := e.runner(id); w != nil {
		return w, event, nil
	}
	x, err := e.Get(ctx, id)
	if err == nil && x.Status == Running {
		return nil, 0, base.Errorf(base.Conflict, "execution %s is running but not being interpreted here", id).WithHint("resume it first")
	}
	return nil, 0, errTaskGone()
}

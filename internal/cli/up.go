package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/base"
)

// serving is what up prints once it is ready.
type serving struct {
	Project string `json:"project"`
	Address string `json:"address"`
	URL     string `json:"url"`
	// Trino is what Trino's clients take for their server.
	Trino string `json:"trino"`
}

func (c *cli) upCmd() *cobra.Command {
	var opt UpOptions
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Own the project and serve its API",
		Long: `Own the project and serve its API, health and metrics on one port until
stopped. It fires the project's schedules, and carries on executions that an
earlier owner left. Commands run beside it become its clients. The printed address lets a
browser in; keep it to yourself. Trino's clients (trino-cli, JDBC, Python) connect
to the same port: reading needs no password, changes need the project's token as
the extra credential "token". Stopping with Ctrl-C or SIGTERM ends running
work cleanly and exits 0.`,
		Example: `  mulgil up
  mulgil up --port 4567`,
		Args: atMost(0),
		RunE: func(cmd *cobra.Command, args []string) error {
			if opt.Port < 0 || opt.Port > 65535 {
				return usage(cmd, "--port cannot be %d: it takes 0 to 65535", opt.Port)
			}
			var err error
			if opt.OpenOptions, err = c.open(); err != nil {
				return err
			}
			opt.Ready = func(project, address, url string) {
				c.show(serving{project, address, url, "http://" + address}, func(w io.Writer) error {
					_, err := fmt.Fprintf(w, "project %s is up at http://%s\nopen %s\ntrino --server http://%s --catalog awsdatacatalog\n", project, address, url, address)
					return err
				})
			}
			err = c.env.Up(cmd.Context(), opt)
			if c.interrupted.Load() && (err == nil || base.KindOf(err) == base.Canceled) {
				c.note("stopped")
				return nil
			}
			return err
		},
	}
	f := cmd.Flags()
	f.StringVar(&opt.Host, "host", "127.0.0.1", "loopback `address` to listen on")
	f.IntVar(&opt.Port, "port", 4566, "`port` to listen on, 0 for any free one")
	return cmd
}

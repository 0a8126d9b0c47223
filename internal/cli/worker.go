package cli

import "github.com/spf13/cobra"

// workerCmd is the child process that carries out one attempt of a job. Its
// protocol runs over standard input and output and is private to the program.
func (c *cli) workerCmd() *cobra.Command {
	return &cobra.Command{
		Use:                "worker",
		Short:              "Carry out one attempt of a job (started by mulgil itself)",
		Long:               `Carry out one attempt of a job. Mulgil starts this itself.`,
		Example:            `  mulgil worker`,
		Hidden:             true,
		DisableFlagParsing: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if code := c.env.Worker(cmd.Context(), c.env.Stdin, c.env.Stdout, c.env.Stderr); code != exitOK {
				return exitCode(code)
			}
			return nil
		},
	}
}

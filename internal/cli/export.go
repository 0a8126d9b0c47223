package cli

import "github.com/spf13/cobra"

func (c *cli) exportCmd() *cobra.Command {
	return group("export", "Write the project for other systems",
		`Write parts of the project in the words of other systems.`,
		`  mulgil export airflow --out dags/`,
		c.exportAirflowCmd())
}

package magic

func init() {
	register(&definition{
		name: "cd", usage: "%cd [folder]", command: "cd", takes: Folder, program: always,
		doc: "Change the working folder of the cells; without a folder, to the home folder.",
	})
	register(&definition{
		name: "pwd", usage: "%pwd", command: "pwd", program: always,
		doc: "Show the working folder of the cells.",
	})
	register(&definition{
		name: "env", usage: "%env [NAME[=value]]", command: "env", takes: Environment, program: always,
		doc:     "List the environment variables of the cells, show one, or set one.",
		options: []option{{"-u", "NAME", "remove the variable"}},
	})
}

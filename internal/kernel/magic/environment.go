package magic

func init() {
	register(&definition{
		name: "cd", usage: "%cd [folder]", command: "cd", takes: Folder,
		doc: "Change the working folder of the cells; without a folder, to the home folder.",
	})
	register(&definition{
		name: "pwd", usage: "%pwd", command: "pwd",
		doc: "Show the working folder of the cells.",
	})
	register(&definition{
		name: "env", usage: "%env [NAME[=value]]", command: "env", takes: Environment,
		doc:     "List the environment variables of the cells, show one, or set one.",
		options: []option{{"-u", "NAME", "remove the variable"}},
	})
}

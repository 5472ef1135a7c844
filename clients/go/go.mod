module crafting-table.invalid/client

go 1.22

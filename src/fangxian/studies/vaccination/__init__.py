"""A vaccination campaign from a folder of tables to sessions in words."""

"""Taking what tells whose account it is out of what is kept."""

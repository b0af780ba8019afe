"""The gazette (政府公报): documents that must be gazetted, collected into the open issue in their lawful order."""

class Users
end
